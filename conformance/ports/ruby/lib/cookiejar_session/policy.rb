# frozen_string_literal: true

module CookiejarSession
  # The time rules (SPEC 9): lifetimes of a new session, ceilings on others, when one is refused, renewed, resealed.
  # All times and durations are whole seconds. Knows no clock.
  class Policy
    # A token from a machine whose clock is ahead is taken this many seconds early (SPEC 9.2).
    CLOCK_DIFFERENCE = 60
    # Two nodes with two orders of one ring would reseal each other's tokens for ever, were there no wait (SPEC 9.6).
    RESEAL_WAIT = 300

    attr_reader :idle_timeout, :absolute_lifetime, :persistent, :renew_after, :longest_idle, :longest_lifetime,
                :not_before

    def initialize(idle_timeout: 1_209_600, absolute_lifetime: 7_776_000, persistent: true, renew_after: nil,
                   longest_idle: nil, longest_lifetime: nil, not_before: nil)
      @idle_timeout = idle_timeout
      @absolute_lifetime = absolute_lifetime
      @persistent = persistent
      @renew_after = renew_after
      @longest_idle = longest_idle
      @longest_lifetime = longest_lifetime
      @not_before = not_before
      refuse_bad_durations
      refuse_other_types
      freeze
    end

    # A new session as it begins (SPEC 13.1).
    def begin_session(now:)
      Envelope.new(sid: Envelope.draw_sid, created: now, issued: now, idle: idle_timeout,
                   until: now + absolute_lifetime, persistent: persistent, data: {}, flash: [])
    end

    # `envelope` under the ceilings (SPEC 9.4).
    def lower(envelope)
      last = envelope.created + longest_lifetime if longest_lifetime
      envelope.with(idle: [envelope.idle, longest_idle].compact.min, until: [envelope.until, last].compact.min)
    end

    # `envelope` as lowered, if it is accepted at `now`; else TokenError (SPEC 8.2 steps 12 to 15).
    def judge(envelope, now:)
      lowered = lower(envelope)
      raise TokenError, "not-yet-valid" if lowered.issued > now + CLOCK_DIFFERENCE
      raise TokenError, "expired" if [now, lowered.issued].max >= expires(lowered)
      raise TokenError, "revoked" if not_before && lowered.created < not_before

      lowered
    end

    # The first second at which `envelope`, as lowered, is expired (SPEC 9.1).
    def expires(envelope) = [envelope.issued + envelope.idle, envelope.until].min

    # SPEC 9.5.
    def renewal_due?(envelope, now:)
      now - envelope.issued >= [1, [renew_after, envelope.idle / 10].compact.min].max
    end

    # SPEC 9.6; there is but one version.
    def reseal_due?(envelope, now:, behind_primary:)
      behind_primary && now - envelope.issued >= RESEAL_WAIT
    end

    private

    def refuse_bad_durations
      { idle_timeout: idle_timeout, absolute_lifetime: absolute_lifetime, renew_after: renew_after || 1,
        longest_idle: longest_idle || 1, longest_lifetime: longest_lifetime || 1 }.each do |name, seconds|
        next if seconds.is_a?(Integer) && seconds >= 1

        raise ConfigurationError, "#{name} must be an Integer of at least 1 second"
      end
      return if idle_timeout <= Envelope::LONGEST_IDLE

      raise ConfigurationError, "idle_timeout must be at most 2^32-1 seconds"
    end

    def refuse_other_types
      raise ConfigurationError, "persistent must be true or false" unless [true, false].include?(persistent)
      return if not_before.nil? || not_before.is_a?(Integer)

      raise ConfigurationError, "not_before must be an Integer of Unix seconds; write Time#to_i"
    end
  end
end
