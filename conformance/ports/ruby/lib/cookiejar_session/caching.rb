# frozen_string_literal: true

module CookiejarSession
  # Set-Cookie, Cache-Control, Vary and the fields for CDNs of a response (SPEC 13.9 to 13.11). The headers are a Hash; names are in
  # any case, and values are a String or an Array of them.
  module Caching
    # The ends of the names of fields that some shared caches obey in place of Cache-Control (SPEC 13.9.2).
    TARGETED = %w[-cache-control surrogate-control edge-control x-accel-expires].freeze
    # A piece between commas. In a quoted string a comma does not separate; one that is not closed runs to the end.
    PIECE = /(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?\z))+/m

    class << self
      # Edits the headers of a response that sets or deletes the session's cookie, so that no shared cache keeps the
      # response, and adds Cookie to Vary.
      def keep_private(headers)
        directives = split(headers, "cache-control")
        shared, others = directives.partition { |each| %w[public s-maxage].include?(each.downcase.split("=", 2).first) }
        if shared.any? || !any?(others, "private", "no-store")
          replace(headers, "cache-control", ["private", *others.reject { |each| each.casecmp?("private") }])
        end
        names = headers.keys.map(&:downcase).select { |name| name.end_with?(*TARGETED) }
        names.reject! { |name| any?(split(headers, name), "no-store", "0") }
        headers.delete_if { |name, _| names.include?(name.downcase) }
        vary_by_cookie(headers)
      end

      # Adds Cookie to Vary, as the response to every request whose session was read has it.
      def vary_by_cookie(headers)
        members = values(headers, "vary").split(",").map { |member| trim(member) }.reject(&:empty?)
        replace(headers, "vary", [*members, "Cookie"]) unless any?(members, "*", "cookie")
        headers
      end

      # Adds Set-Cookie fields: as an Array for Rack 3 and without Rack, joined by line ends for Rack 2.
      def add_cookies(headers, fields)
        name = headers.keys.find { |each| each.casecmp?("set-cookie") } || (rack2? ? "Set-Cookie" : "set-cookie")
        all = list_cookies(headers) + fields
        headers[name] = rack2? ? all.join("\n") : all
      end

      # Whether the response sets a cookie of this name.
      def sets?(headers, name) = list_cookies(headers).any? { |field| field.start_with?("#{name}=") }

      # Whether the application wants shared caches to keep the response (SPEC 13.9).
      def shared?(headers)
        names = split(headers, "cache-control").map { |each| each.downcase.split("=", 2).first }
        return true if names.intersect?(%w[public s-maxage])

        headers.keys.map(&:downcase).uniq.select { |name| name.end_with?(*TARGETED) }.any? do |name|
          directives = split(headers, name)
          directives.any? && !any?(directives, "no-store", "private", "no-cache", "max-age=0", "0")
        end
      end

      private

      def rack2? = defined?(::Rack) && ::Rack.respond_to?(:release) && ::Rack.release.to_i < 3

      def list_cookies(headers)
        headers.select { |each, _| each.casecmp?("set-cookie") }.values.flatten.compact.flat_map { |each| each.split("\n") }
      end

      def values(headers, name)
        headers.select { |each, _| each.casecmp?(name) }.values.flatten.join(",")
      end

      def split(headers, name) = values(headers, name).scan(PIECE).map { |piece| trim(piece) }.reject(&:empty?)

      def trim(text) = text.gsub(/\A[ \t]+|[ \t]+\z/, "")

      def any?(pieces, *words) = pieces.any? { |piece| words.include?(piece.downcase) }

      def replace(headers, name, pieces)
        written = headers.keys.find { |each| each.casecmp?(name) } || name
        headers.delete_if { |each, _| each.casecmp?(name) && each != written }
        headers[written] = pieces.join(", ")
      end
    end
  end
end
