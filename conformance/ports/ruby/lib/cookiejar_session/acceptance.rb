# frozen_string_literal: true

module CookiejarSession
  # Of the values of one name, the one that is accepted, or why none is (SPEC 11.4). Knows nothing of headers.
  class Acceptance
    # Judging and opening cost; no browser in use sends more cookies of one name.
    MOST_JUDGED = 16
    MOST_OPENED = 4

    # Whether the values of a previous name count as ours (SPEC 12.9). Others belong to other software.
    def self.ours?(values) = values.size > MOST_JUDGED || values.any? { |value| Token.like?(value) }

    # `name` is the cookie's. `envelope` is nil if nothing was accepted; then `refusals` holds a TokenError for each
    # unreadable value, in order. `token_characters` and `behind_primary` tell of the accepted token.
    attr_reader :name, :envelope, :token_characters, :behind_primary, :refusals

    def initialize(values, name:, purpose:, ring:, policy:, now:)
      @name = name
      @refusals = []
      @must_preserve = values.size > MOST_JUDGED
      opened = 0
      values.first(MOST_JUDGED).each do |value|
        box = Token.find_box(value, ring: ring, now: now)
        if (opened += 1) > MOST_OPENED
          @must_preserve = true
          next
        end

        envelope = Token.open_box(box, purpose: purpose, now: now, policy: policy)
        # The greatest issued wins; among equals the first.
        next unless @envelope.nil? || envelope.issued > @envelope.issued

        accept(envelope, value, behind_primary: ring.behind_primary?(box.entry, now))
      rescue TokenError => e
        @refusals << e
        @must_preserve ||= e.preserved? || !Token.like?(value)
      end
      freeze
    end

    def accepted? = !envelope.nil?

    # Whether an unreadable value is to be preserved, or one was left unread (SPEC 11.4.1).
    def must_preserve? = @must_preserve

    # Not the content (SPEC 14.5).
    def inspect = "#<#{self.class} #{name} accepted=#{accepted?} refusals=#{refusals.map(&:reason)}>"

    private

    def accept(envelope, value, behind_primary:)
      @envelope = envelope
      @token_characters = value.bytesize
      @behind_primary = behind_primary
    end
  end
end
