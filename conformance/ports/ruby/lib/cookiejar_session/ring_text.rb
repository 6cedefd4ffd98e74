# frozen_string_literal: true

require "date"

module CookiejarSession
  # A key of a ring with the times between which it seals and opens; nil is no bound (SPEC 4.4).
  RingEntry = Struct.new(:key, :from, :until, keyword_init: true) do
    def may_seal?(now) = (from.nil? || now >= from) && may_open?(now)

    def may_open?(now) = self.until.nil? || now < self.until
  end

  # The grammar of a ring text (SPEC 4.1). Knows nothing of how entries go together, but for their number.
  module RingText
    MOST_ENTRIES = 16

    SEPARATORS = /[ \t\r\n,]+/n
    COMMENT = /^#[^\n]*\n?/n
    BOUND = /@(from|until)=(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z/n
    ENTRY = /\A(?<key>[^@]+)(?<bounds>#{BOUND}*)\z/n

    class << self
      # The entries of `text`, an array of RingEntry. Errors name an entry by its number (SPEC 4.5.1).
      def parse(text, file:)
        octets = text.b
        octets = octets.gsub(COMMENT, "") if file
        raise ConfigurationError, "the ring text holds an octet that is not ASCII" unless octets.ascii_only?

        words = octets.split(SEPARATORS).reject(&:empty?)
        unless words.size.between?(1, MOST_ENTRIES)
          raise ConfigurationError, "a ring has 1 to #{MOST_ENTRIES} entries, not #{words.size}"
        end

        words.each.with_index(1).map { |word, number| parse_entry(word, number) }
      end

      private

      def parse_entry(word, number)
        match = ENTRY.match(word)
        raise ConfigurationError, "not a key with @from=…Z and @until=…Z as 2027-01-31T00:00:00Z" unless match

        RingEntry.new(key: Key.parse(match[:key]), **parse_bounds(match[:bounds])).freeze
      rescue ConfigurationError => e
        raise ConfigurationError, "entry #{number}: #{e.message}", cause: nil
      end

      def parse_bounds(text)
        bounds = text.scan(BOUND).map { |name, *numbers| [name.to_sym, parse_time(numbers.map(&:to_i))] }
        raise ConfigurationError, "@from or @until is given twice" if bounds.uniq(&:first).size < bounds.size

        from, ends = bounds.to_h.values_at(:from, :until)
        raise ConfigurationError, "@from must be before @until" if from && ends && from >= ends

        { from: from, until: ends }
      end

      # SPEC 4.2 item 5.
      def parse_time(numbers)
        year, month, day, hour, minute, second = numbers
        unless year >= 1970 && Date.valid_date?(year, month, day) && hour < 24 && minute < 60 && second < 60
          raise ConfigurationError, "@from or @until is not a real date and time"
        end

        Time.utc(*numbers).to_i
      end
    end
  end
end
