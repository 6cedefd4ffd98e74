# frozen_string_literal: true

module CookiejarSession
  # What a token holds (SPEC 5): times and `idle` in seconds, `data` a Hash with String keys, `flash` an Array of
  # [category, value]. Frozen, its content is not. Knows nothing of keys or HTTP. Applications have Session.
  class Envelope
    FIELDS = %i[sid created issued idle until persistent data flash].freeze
    SID_OCTETS = 16
    LAST_TIME = 2**48 - 1
    LONGEST_IDLE = 2**32 - 1
    MOST_FLASHES = 32

    attr_reader(*FIELDS)

    def self.time?(value) = value.is_a?(Integer) && value.between?(0, LAST_TIME)

    # 16 octets for a new session (SPEC 5.4).
    def self.draw_sid = Random.urandom(SID_OCTETS)

    # The envelope that `plaintext` is; TokenError with bad-encoding or bad-envelope (SPEC 8.2 steps 10 and 11).
    def self.decode(plaintext)
      fields = MessagePackReader.read(plaintext)
      raise TokenError, "bad-envelope" unless fields.is_a?(Array) && fields.size == FIELDS.size

      envelope = new(**FIELDS.zip(fields).to_h)
      raise TokenError, "bad-envelope" if envelope.fault

      envelope
    end

    def initialize(**fields)
      raise ArgumentError, "an envelope has #{FIELDS.join(", ")}" unless fields.keys.sort == FIELDS.sort

      # An instance variable each: `until` can be no local variable in Ruby.
      fields.each { |name, value| instance_variable_set("@#{name}", value) }
      freeze
    end

    # The one encoding of this envelope; UnsupportedValueError where no reader would accept it (SPEC 5.3).
    # `any_length` is that of MessagePackWriter.
    def encode(any_length: false)
      raise UnsupportedValueError, fault if fault

      MessagePackWriter.write(to_h.values, any_length: any_length)
    end

    # This envelope with some fields changed.
    def with(**changes) = self.class.new(**to_h, **changes)

    # This envelope as issued at `now` (SPEC 7.2 step 2). A negative time would vanish in the greatest of the three.
    def stamp(now:)
      times = [now, created, issued]
      return with(issued: times.max) if times.all? { |time| self.class.time?(time) }

      raise UnsupportedValueError, "now, created and issued must be Integers of seconds below 2^48"
    end

    # What breaks SPEC 5.1, without any of the content; nil if nothing does.
    def fault
      fault_of_sid || fault_of_times || fault_of_content
    end

    def to_h = FIELDS.to_h { |name| [name, public_send(name)] }

    def ==(other) = other.is_a?(Envelope) && to_h == other.to_h

    # Neither sid nor content (SPEC 14.5); `issued` and the like are no secrets.
    def inspect = "#<#{self.class} created=#{created} issued=#{issued} idle=#{idle} until=#{self.until}>"

    # Rails would show the instance variables.
    def as_json(*) = inspect

    private

    def fault_of_sid
      "sid must be #{SID_OCTETS} octets in ASCII-8BIT" unless Text.octets?(sid) && sid.bytesize == SID_OCTETS
    end

    # An Integer is never a Float, not even 1.0 (SPEC 5.2 item 2).
    def fault_of_times
      times = [created, issued, self.until]
      if !times.all? { |time| self.class.time?(time) } then "a time must be an Integer of seconds below 2^48"
      elsif !(idle.is_a?(Integer) && idle.between?(1, LONGEST_IDLE)) then "idle must be 1 to 2^32-1 seconds"
      elsif issued < created then "issued must not be before created"
      elsif self.until <= issued then "until must be after issued: the session is at its absolute end"
      end
    end

    def fault_of_content
      if ![true, false].include?(persistent) then "persistent must be true or false"
      elsif !data.is_a?(Hash) then "data must be a Hash"
      elsif !flash.is_a?(Array) || flash.size > MOST_FLASHES then "flash must be an Array of at most #{MOST_FLASHES}"
      elsif !flash.all? { |entry| flash_entry?(entry) } then "a flash entry must be [category, value], category text"
      end
    end

    def flash_entry?(entry) = entry.is_a?(Array) && entry.size == 2 && Text.text?(entry.first)
  end
end
