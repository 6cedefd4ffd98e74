# frozen_string_literal: true

module CookiejarSession
  # The name and attributes of one cookie, and its Set-Cookie fields (SPEC 12). Knows nothing of sessions.
  class CookieAttributes
    # Browsers cap Max-Age at 400 days (SPEC 12.4).
    LONGEST_MAX_AGE = 34_560_000
    MOST_NAME_OCTETS = 124
    MOST_ATTRIBUTE_OCTETS = 1024

    NAME = /\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\z/n
    PATH = %r{\A/[\x20-\x3a\x3c-\x7e]*\z}n
    DOMAIN = /\A\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\z/n
    SAMESITE = ["Strict", "Lax", "None", nil].freeze

    attr_reader :name, :path, :domain, :secure, :httponly, :samesite, :partitioned

    # Raises ConfigurationError for what browsers refuse (SPEC 12.2).
    def initialize(name: "__Host-session", path: "/", domain: nil, secure: true, httponly: true, samesite: "Lax",
                   partitioned: false)
      @name = name
      @path = path
      @domain = domain
      @secure = secure
      @httponly = httponly
      @samesite = samesite
      @partitioned = partitioned
      refuse_bad_text
      refuse_bad_combinations
      freeze
    end

    # The field that sets `token`, sealed at `now` (SPEC 12.3 and 12.4).
    def render(token, persistent:, expires:, now:)
      max_age = "; Max-Age=#{(expires - now).clamp(0, LONGEST_MAX_AGE)}" if persistent
      "#{name}=#{token}#{render_attributes}#{max_age}"
    end

    # SPEC 12.5.
    def render_deletion = "#{name}=#{render_attributes}; Max-Age=0"

    # Whether a browser takes both for one cookie (SPEC 12.6).
    def same_cookie?(other)
      [name, path, bare_domain, partitioned] == [other.name, other.path, other.bare_domain, other.partitioned]
    end

    # Whether no subdomain can set a cookie of this name. Browsers ignore the case of the prefix.
    def host_prefix? = name.downcase.start_with?("__host-")

    protected

    def bare_domain = domain&.downcase&.delete_prefix(".")

    private

    def render_attributes
      fields = ["", "Path=#{path}"]
      fields << "Domain=#{domain.delete_prefix(".")}" if domain
      fields << "Secure" if secure
      fields << "HttpOnly" if httponly
      fields << "SameSite=#{samesite}" if samesite
      fields << "Partitioned" if partitioned
      fields.join("; ")
    end

    def refuse_bad_text
      refuse "name must be an RFC 9110 token of 1 to 124 octets" unless fits?(name, NAME, MOST_NAME_OCTETS)
      refuse 'path must be "/…" in printable ASCII without ";"' unless fits?(path, PATH, MOST_ATTRIBUTE_OCTETS)
      refuse "domain must be a host name" unless domain.nil? || fits?(domain, DOMAIN, MOST_ATTRIBUTE_OCTETS)
      refuse "samesite must be Strict, Lax, None or nil" unless SAMESITE.include?(samesite)
      return if [secure, httponly, partitioned].all? { |flag| [true, false].include?(flag) }

      refuse "secure, httponly and partitioned must be true or false"
    end

    def fits?(text, pattern, most_octets)
      Text.text?(text) && text.bytesize <= most_octets && text.b.match?(pattern)
    end

    def refuse_bad_combinations
      prefixed = ->(*prefixes) { name.downcase.start_with?(*prefixes) }
      refuse "__Host- wants no domain and path /" if prefixed.("__host-") && (domain || path != "/")
      refuse "the name's prefix wants secure" if prefixed.("__host-", "__secure-", "__http-") && !secure
      refuse "the name's prefix wants httponly" if prefixed.("__http-", "__host-http-") && !httponly
      refuse "SameSite=None and Partitioned want secure" if (samesite == "None" || partitioned) && !secure
    end

    def refuse(message) = raise(ConfigurationError, "cookie: #{message}")
  end
end
