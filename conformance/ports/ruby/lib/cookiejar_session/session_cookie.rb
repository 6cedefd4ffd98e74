# frozen_string_literal: true

module CookiejarSession
  # A session's cookie as the operator configured it: `open` gives the session of a request.
  class SessionCookie
    # About 1,943 octets of plaintext (SPEC 13.8).
    DEFAULT_MAX_TOKEN_CHARACTERS = 2660

    # From the configuration that Python prints, so that both behave alike.
    def self.from_json(text, ring: Ring.from_environment) = new(ring: ring, **Configuration.parse(text))

    # `purpose` is nil unless set explicitly: then each cookie's name is its purpose (SPEC 3.5, 12.6).
    def initialize(ring: Ring.from_environment, cookie: CookieAttributes.new, purpose: nil, previous: [], policy: Policy.new,
                   max_token_characters: DEFAULT_MAX_TOKEN_CHARACTERS)
      if previous.any? { |attributes| attributes.same_cookie?(cookie) }
        raise ConfigurationError, "a previous cookie is the current one; remove it"
      end
      if purpose && cookie.host_prefix? && !previous.all?(&:host_prefix?)
        raise ConfigurationError, "a previous cookie without __Host- and an explicit purpose: any subdomain can set that " \
                                  "cookie, and a session of its own would be moved; leave out one of the two"
      end
      unless max_token_characters.is_a?(Integer) &&
             (Token::LENGTHS.first..Token::MOST_CHARACTERS).cover?(max_token_characters)
        raise ConfigurationError, "max_token_characters must be #{Token::LENGTHS.first} to #{Token::MOST_CHARACTERS}"
      end

      raise ConfigurationError, "purpose must be text in UTF-8" unless purpose.nil? || Text.text?(purpose)

      @ring = ring
      @cookie = cookie
      @purpose = purpose
      @previous = previous.dup.freeze
      @policy = policy
      @max_token_characters = max_token_characters
      freeze
    end

    # The Session of a request. `request` is Rack's environment, or the Cookie fields: one String, several, or nil.
    def open(request, now: Time.now.to_i)
      Session.new(self, read(request.is_a?(Hash) ? request["HTTP_COOKIE"] : request, now: now))
    end

    def name = @cookie.name

    # What follows is the lower layer, from which Session is made.

    # The session in the Cookie fields of a request (SPEC 11.5): one String, several, or nil.
    def read(cookie_headers, now: Time.now.to_i)
      names = [@cookie, *@previous].map(&:name).uniq
      values = names.to_h { |name| [name, Cookies.scan(Array(cookie_headers), name: name)] }
      acceptances = []
      names.each do |name|
        acceptances << Acceptance.new(values[name], name: name, purpose: purpose_of(name), ring: @ring,
                                                    policy: @policy, now: now)
        break if acceptances.last.accepted?
      end
      Reading.new(acceptances, names: names.select { |name| Acceptance.ours?(values[name]) }, now: now)
    end

    def begin_session(now: Time.now.to_i) = @policy.begin_session(now: now)

    # Whether a session that was only read is to be written again: renewal, reseal or move (SPEC 13.5 step 6).
    def due?(reading)
      accepted = reading.accepted or return false

      return reading.move_due? unless accepted.name == @cookie.name

      @policy.renewal_due?(accepted.envelope, now: reading.now) ||
        @policy.reseal_due?(accepted.envelope, now: reading.now, behind_primary: accepted.behind_primary)
    end

    # The Set-Cookie fields that set a token for `envelope` (SPEC 12.7), in order. SessionTooLargeError past the limit.
    # After a discard the session of the request is no longer the current one.
    def write(envelope, reading, now: Time.now.to_i, discarded: false)
      # A second reading of the clock that is earlier counts as the first (SPEC 9.7).
      now = [now, reading.now].max
      token = Token.seal(envelope, ring: @ring, purpose: purpose_of(@cookie.name), now: now)
      refuse_long(token, [@max_token_characters, (reading.accepted&.token_characters unless discarded)].compact.max)
      expires = @policy.expires(envelope.stamp(now: now))
      [@cookie.render(token, persistent: envelope.persistent, expires: expires, now: now),
       *delete_previous { |each| each.name == reading.name || (discarded && reading.names.include?(each.name)) }]
    end

    # The Set-Cookie fields that delete the cookie (SPEC 12.8), in order.
    def delete(reading)
      [@cookie.render_deletion, *delete_previous { |attributes| reading.names.include?(attributes.name) }]
    end

    def inspect = "#<#{self.class} #{@cookie.name} #{@ring.inspect}>"

    private

    def purpose_of(name) = @purpose || name

    # Deletions of the like-named (SPEC 12.6) and of those for which the block holds. The own name is no previous one.
    def delete_previous
      deleted = @previous.select { |attributes| attributes.name == @cookie.name || yield(attributes) }
      deleted.map(&:render_deletion)
    end

    def refuse_long(token, most)
      return if token.bytesize <= most

      raise SessionTooLargeError, "the token has #{token.bytesize} characters, at most #{most} may be sent; " \
                                  "keep large things on the server and their ids in the session"
    end
  end
end
