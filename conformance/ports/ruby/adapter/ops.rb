# frozen_string_literal: true

module CookiejarSession
  module Adapter
    # What the library has no error for, since it answers with false.
    class RefusedError < Error; end

    # One public method for each op: its keywords are the members of `input`, what it returns is `accept`.
    # Keys in vectors are published and their nonces given, so the seams for tests are used.
    class Ops
      def derive(purpose:, key: nil, secret_key_base: nil)
        material = key ? octets(key) : Derivation.key_of_secret_key_base(octets(secret_key_base))
        key = Key.new(material)
        { "key_id" => hex(key.id), "box_key" => hex(key.box_key(purpose)), "key_text" => key.text }
      end

      def log_id(sid:) = { "log_id" => Derivation.log_id(octets(sid)) }

      def parse_ring(ring:, is_file:, allow_published:, now:, moments:)
        parse = allow_published ? :parse_with_published_keys : :parse
        ring = Ring.send(parse, octets(ring), now: now, file: is_file)
        { "moments" => moments.map { |moment| describe_moment(ring, moment) } }
      end

      def encode(envelope:) = { "plaintext" => hex(VectorText.envelope(envelope).encode) }

      def decode(plaintext:) = { "envelope" => VectorText.describe_envelope(Envelope.decode(octets(plaintext))) }

      def seal(keyring:, purpose:, now:, envelope:, nonce:)
        context = { ring: parse_keyring(keyring, now), purpose: purpose, now: now }
        envelope = VectorText.envelope(envelope)
        return { "token" => Token.seal(envelope, **context) } unless nonce

        { "token" => Token.send(:seal_with_nonce, envelope, nonce: octets(nonce), **context) }
      end

      def open(keyring:, purpose:, now:, policy:, value:)
        envelope = Token.open(octets(value), ring: parse_keyring(keyring, now), purpose: purpose, now: now,
                                             policy: VectorText.policy(policy))
        { "envelope" => VectorText.describe_envelope(envelope) }
      end

      # `times` are created, issued, idle and until; the rest of the envelope does not matter.
      def judge(now:, policy:, behind_primary:, **times)
        policy = VectorText.policy(policy)
        envelope = policy.judge(policy.begin_session(now: 0).with(**times), now: now)
        { "expires" => policy.expires(envelope), "idle" => envelope.idle, "until" => envelope.until,
          "renewal_due" => policy.renewal_due?(envelope, now: now),
          "reseal_due" => policy.reseal_due?(envelope, now: now, behind_primary: behind_primary) }
      end

      def scan(cookie_headers:, name:)
        values = Cookies.scan(cookie_headers.map { |header| octets(header) }, name: name)
        { "values" => values.map { |value| hex(value) } }
      end

      def read(now:, cookie_headers:, **configuration)
        reading = make_sessions(now, **configuration).read(cookie_headers.map { |header| octets(header) }, now: now)
        raise TokenError, reading.reason if reading.reason

        { "name" => reading.name, "envelope" => reading.envelope && VectorText.describe_envelope(reading.envelope) }
      end

      def life_cycle(opened_at:, sealed_at:, cookie_headers:, actions:, status:, response:, keyring:, **configuration)
        sessions = make_sessions(opened_at, keyring: keyring, **configuration)
        exchange = LifeCycle.new(status: status, response: response)
        unless actions.empty? # otherwise the application does not open the session
          session = sessions.open(cookie_headers.map { |header| octets(header) }, now: opened_at)
          exchange.run(session, actions, sealed_at: sealed_at)
        end
        context = { ring: parse_keyring(keyring, opened_at), now: [opened_at, sealed_at].max }
        exchange.describe(purpose: configuration[:purpose] || sessions.name, **context)
      end

      def set_cookie(cookie:, token:, persistent:, expires:, now:)
        cookie = VectorText.attributes(cookie)
        return { "set_cookie" => cookie.render_deletion } unless token

        { "set_cookie" => cookie.render(token, persistent: persistent, expires: expires, now: now) }
      end

      def make_csrf(sid:, form:, mask:)
        { "token" => Csrf.send(:make_with_mask, sid: octets(sid), form: form, mask: octets(mask)) }
      end

      def check_csrf(sid:, form:, token:)
        raise RefusedError unless Csrf.valid?(octets(token), sid: octets(sid), form: form)

        {}
      end

      def accumulated(keyring:, purpose:, seed:, steps:)
        accumulation = Accumulation.new(ring: parse_keyring(keyring, Accumulation::FIRST_NOW), purpose: purpose)
        { "hash" => hex(accumulation.run(octets(seed), steps: steps)) }
      end

      private

      def make_sessions(now, keyring:, cookie:, previous:, policy:, **others)
        SessionCookie.new(
          ring: parse_keyring(keyring, now), cookie: VectorText.attributes(cookie),
          previous: previous.map { |json| VectorText.attributes(json) }, policy: VectorText.policy(policy), **others
        )
      end

      def parse_keyring(text, now) = Ring.send(:parse_with_published_keys, text, now: now)

      def describe_moment(ring, moment)
        primary = ring.primary(moment)
        opens = ring.entries.select { |entry| entry.may_open?(moment) }.map { |entry| hex(entry.key.id) }
        { "now" => moment, "primary" => primary && hex(primary.key.id), "opens" => opens }
      end

      def octets(hex) = VectorText.octets(hex)

      def hex(octets) = VectorText.hex(octets)
    end
  end
end
