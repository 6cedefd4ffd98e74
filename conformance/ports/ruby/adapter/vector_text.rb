# frozen_string_literal: true

require "time"

module CookiejarSession
  module Adapter
    # Octets, values and envelopes as the vectors write them in JSON, to Ruby and back.
    module VectorText
      class << self
        def octets(hex) = [hex].pack("H*")

        def hex(octets) = octets.unpack1("H*")

        # VALUE of the contract. What a writer must refuse has forms too: utf8, date, keys of any type.
        def value(json)
          return json unless json.is_a?(Hash)

          case json.first
          in ["int", digits] then Integer(digits, 10)
          in ["float", hex] then octets(hex).unpack1("G")
          in ["bin", hex] then octets(hex)
          in ["utf8", hex] then octets(hex).force_encoding(Encoding::UTF_8)
          in ["date", text] then Time.iso8601(text)
          in ["array", values] then values.map { |element| value(element) }
          in ["map", pairs] then map(pairs.map { |pair| pair.map { |element| value(element) } })
          end
        end

        def describe_value(value)
          case value
          when Integer then { "int" => value.to_s }
          when Float then { "float" => hex([value].pack("G")) }
          when Array then { "array" => value.map { |element| describe_value(element) } }
          when Hash then { "map" => value.map { |key, element| [key, describe_value(element)] } }
          when String then value.encoding == Encoding::BINARY ? { "bin" => hex(value) } : value
          else value
          end
        end

        # ENVELOPE of the contract; a field of a wrong type comes as a VALUE.
        def envelope(json)
          fields = json.to_h { |name, field| [name.to_sym, value(field)] }
          fields[:sid] = octets(json["sid"]) if json["sid"].is_a?(String)
          fields[:flash] = json["flash"].map { |entry| flash_entry(entry) } if json["flash"].is_a?(Array)
          Envelope.new(**fields)
        end

        def describe_envelope(envelope)
          fields = envelope.to_h.transform_keys(&:to_s)
          flash = envelope.flash.map { |category, value| [category, describe_value(value)] }
          fields.merge("sid" => hex(envelope.sid), "data" => describe_value(envelope.data), "flash" => flash)
        end

        def attributes(json) = CookieAttributes.new(**json.transform_keys(&:to_sym))

        def policy(json) = Policy.new(**json.transform_keys(&:to_sym))

        private

        # Only a Hash that compares by identity can hold a key twice.
        def map(pairs)
          map = {}
          map.compare_by_identity if pairs.uniq(&:first).size < pairs.size
          pairs.each { |key, value| map[key.is_a?(String) ? key.dup : key] = value }
          map
        end

        def flash_entry(json) = json.is_a?(Array) ? json.map { |element| value(element) } : value(json)
      end
    end
  end
end
