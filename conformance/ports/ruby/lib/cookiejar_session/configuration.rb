# frozen_string_literal: true

require "json"

module CookiejarSession
  # The configuration that Python prints by sessions.configuration_json() (conformance/README.md, "One configuration
  # everywhere"). It holds no key.
  module Configuration
    PRINT = "print it by sessions.configuration_json() in Python"
    COOKIE = %i[name path domain secure httponly samesite partitioned].freeze
    POLICY = %i[idle_timeout absolute_lifetime persistent renew_after longest_idle longest_lifetime not_before].freeze

    class << self
      # The arguments of SessionCookie.new but for `ring`.
      def parse(text)
        given = take(JSON.parse(text, symbolize_names: true), "configuration",
                     %i[cookie purpose policy max_token_characters previous])
        cookies = [given.slice(:cookie, :purpose), *given[:previous]]
        cookies.each { |each| take(each, "previous", %i[cookie purpose]) }
        attributes = cookies.map { |each| CookieAttributes.new(**take(each[:cookie], "cookie", COOKIE)) }
        { cookie: attributes.first, previous: attributes.drop(1),
          purpose: choose_purpose(cookies.map { |each| each[:purpose] }, attributes.map(&:name)),
          policy: Policy.new(**take(given[:policy], "policy", POLICY)),
          max_token_characters: given[:max_token_characters] }
      rescue JSON::ParserError, TypeError
        raise ConfigurationError, "the configuration is not JSON; #{PRINT}", cause: nil
      end

      private

      def take(object, what, names)
        raise ConfigurationError, "#{what} must be an object; #{PRINT}" unless object.is_a?(Hash)

        missing = names - object.keys
        raise ConfigurationError, "#{what} lacks #{missing.join(", ")}; #{PRINT}" if missing.any?

        unknown = object.keys - names
        return object if unknown.empty?

        raise ConfigurationError, "#{what} has #{unknown.join(", ")}, which this port does not know; update the port"
      end

      # nil if each cookie's name is its purpose.
      def choose_purpose(purposes, names)
        return if purposes == names
        return purposes.first if purposes.uniq.size == 1

        raise ConfigurationError, "purposes must be all the same, or each the cookie's name"
      end
    end
  end
end
