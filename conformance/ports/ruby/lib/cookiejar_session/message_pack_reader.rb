# frozen_string_literal: true

module CookiejarSession
  # The strict reader of the MessagePack profile (SPEC 6.3). Knows nothing of envelopes.
  #
  # str comes as a String in UTF-8, bin as one in ASCII-8BIT. No length read from the octets reserves memory, and
  # recursion ends at level 16.
  class MessagePackReader
    DEEPEST_LEVEL = 16
    FORBIDDEN_KEY = "__proto__"

    # The one value that `octets` are. Raises TokenError with bad-encoding.
    def self.read(octets) = new(octets).read

    def initialize(octets)
      @octets = octets.b
      @position = 0
    end

    def read
      value = read_value(0)
      refuse unless @position == @octets.bytesize
      value
    end

    private

    # What is not listed here is refused (SPEC 6.3 item 2).
    def read_value(level)
      case first = read_unsigned(1)
      when 0x00..0x7f then first
      when 0x80..0x8f then read_map(first - 0x80, level)
      when 0x90..0x9f then read_array(first - 0x90, level)
      when 0xa0..0xbf then read_text(first - 0xa0)
      when 0xc0 then nil
      when 0xc2 then false
      when 0xc3 then true
      when 0xc4 then take(read_unsigned(1))
      when 0xc5 then take(read_unsigned(2, least: 2**8))
      when 0xcb then read_float
      when 0xcc then read_unsigned(1, least: 2**7)
      when 0xcd then read_unsigned(2, least: 2**8)
      when 0xce then read_unsigned(4, least: 2**16)
      when 0xcf then read_unsigned(8, least: 2**32, most: 2**63 - 1)
      when 0xd0 then read_negative(1, most: -33)
      when 0xd1 then read_negative(2, most: -2**7 - 1)
      when 0xd2 then read_negative(4, most: -2**15 - 1)
      when 0xd3 then read_negative(8, most: -2**31 - 1)
      when 0xd9 then read_text(read_unsigned(1, least: 32))
      when 0xda then read_text(read_unsigned(2, least: 2**8))
      when 0xdc then read_array(read_unsigned(2, least: 16), level)
      when 0xde then read_map(read_unsigned(2, least: 16), level)
      when 0xe0..0xff then first - 0x100
      else refuse
      end
    end

    # `least` is where a shorter form ends (SPEC 6.3 item 3).
    def read_unsigned(octets, least: 0, most: nil)
      number = take(octets).each_byte.reduce(0) { |sum, octet| (sum << 8) | octet }
      refuse if number < least || (most && number > most)
      number
    end

    def read_negative(octets, most:)
      number = read_unsigned(octets)
      number -= 1 << (8 * octets) if number[8 * octets - 1] == 1
      refuse if number > most
      number
    end

    def read_float
      float = take(8).unpack1("G")
      refuse unless float.finite?
      float
    end

    def read_text(length)
      text = take(length).force_encoding(Encoding::UTF_8)
      refuse unless text.valid_encoding?
      text
    end

    def read_array(length, level)
      refuse if level > DEEPEST_LEVEL
      # Each element takes an octet at least, so that a false length ends with the octets.
      array = []
      length.times { array << read_value(level + 1) }
      array
    end

    def read_map(length, level)
      refuse if level > DEEPEST_LEVEL
      map = {}
      previous = nil
      length.times do
        key = read_value(level + 1)
        refuse unless Text.text?(key) && key != FORBIDDEN_KEY
        # SPEC 6.3 item 8; Ruby compares Strings by their octets.
        refuse unless previous.nil? || previous < key
        map[key] = read_value(level + 1)
        previous = key
      end
      map
    end

    def take(length)
      refuse if length > @octets.bytesize - @position
      taken = @octets.byteslice(@position, length)
      @position += length
      taken
    end

    def refuse = raise(TokenError, "bad-encoding")
  end
end
