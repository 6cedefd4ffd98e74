# frozen_string_literal: true

module CookiejarSession
  # 1 to 16 keys in order: which one seals, which ones open (SPEC 4). Immutable. Knows nothing of tokens.
  class Ring
    TEXT_VARIABLE = "COOKIEJAR_SESSION_KEYS"
    FILE_VARIABLE = "COOKIEJAR_SESSION_KEYS_FILE"

    attr_reader :entries

    class << self
      # A ring from its text; comments are allowed in a text that comes from a file.
      def parse(text, now:, file: false)
        new(RingText.parse(text, file: file), now: now, refused_key_ids: PublishedKeys::IDS)
      end

      # A ring from COOKIEJAR_SESSION_KEYS, or from the file that COOKIEJAR_SESSION_KEYS_FILE names (SPEC 4.5.2), which
      # is then a RingFile. Blanks around the path are ignored, and a blank variable counts as unset.
      def from_environment(environment = ENV, now: Time.now.to_i)
        text, path = environment.values_at(TEXT_VARIABLE, FILE_VARIABLE).map { |value| value.to_s.strip }
        if text.empty? && path.empty?
          raise ConfigurationError, "neither #{TEXT_VARIABLE} nor #{FILE_VARIABLE} is set; make a key with " \
                                    '"cookiejar-session keygen" and put it in one of them'
        end
        return RingFile.new(path, now: now) if text.empty?
        raise ConfigurationError, "#{TEXT_VARIABLE} and #{FILE_VARIABLE} are both set; unset one" unless path.empty?
        if text.start_with?("/", ".")
          raise ConfigurationError, "#{TEXT_VARIABLE} holds a path, not a key; put the path in #{FILE_VARIABLE}"
        end

        parse_variable(text, now)
      end

      private

      def parse_variable(text, now)
        parse(text, now: now)
      rescue ConfigurationError => e
        raise ConfigurationError, "#{TEXT_VARIABLE}: #{e.message}", cause: nil
      end

      # The seam for tests (SPEC 4.6.1): no configuration leads here.
      # @api private
      def parse_with_published_keys(text, now:, file: false)
        new(RingText.parse(text, file: file), now: now, refused_key_ids: [])
      end

      private :new
    end

    def initialize(entries, now:, refused_key_ids:)
      @entries = entries.dup.freeze
      refuse_clashes
      refuse_published(refused_key_ids)
      refuse_gaps(now)
      freeze
    end

    # The entry that seals at `now` (SPEC 4.4.3); nil if none may.
    def primary(now) = entries.find { |entry| entry.may_seal?(now) }

    # The entry that opens tokens with this key id at `now`, or nil. Keys are never tried in turn (SPEC 4.4.4).
    def find(key_id, now) = entries.find { |entry| entry.key.id == key_id && entry.may_open?(now) }

    # Whether `entry`, perhaps of an earlier reading of the file, stands after the primary (SPEC 9.6).
    def behind_primary?(entry, now)
      first = entries.index(primary(now))
      place = entries.index { |each| each.key.id == entry.key.id }
      !first.nil? && !place.nil? && place > first
    end

    def inspect = "#<#{self.class} #{entries.map { |entry| entry.key.id.unpack1("H*") }.join(" ")}>"

    private

    # SPEC 4.2 items 10 and 11: equal keys have equal key ids.
    def refuse_clashes
      ids = entries.map { |entry| entry.key.id }
      ids.each_with_index do |id, index|
        next if ids.index(id) == index

        raise ConfigurationError, "entry #{index + 1} has the key id of entry #{ids.index(id) + 1}; remove one"
      end
    end

    def refuse_published(key_ids)
      index = entries.index { |entry| key_ids.include?(entry.key.id) }
      raise ConfigurationError, "entry #{index + 1} is a published key: anybody could seal with it" if index
    end

    # SPEC 4.2 item 13: sealing can only become impossible when an entry ends.
    def refuse_gaps(now)
      ends = entries.filter_map(&:until).select { |moment| moment > now }
      gap = [now, *ends].find { |moment| primary(moment).nil? }
      raise ConfigurationError, "no key may seal at #{Time.at(gap).utc}; add one without bounds" if gap
    end
  end
end
