# frozen_string_literal: true

module CookiejarSession
  # The one writer of the MessagePack profile (SPEC 6.1). Knows nothing of envelopes.
  #
  # A String in UTF-8 or US-ASCII becomes str, one in ASCII-8BIT becomes bin, also if it is empty or all ASCII.
  class MessagePackWriter
    DEEPEST_LEVEL = MessagePackReader::DEEPEST_LEVEL
    FORBIDDEN_KEY = MessagePackReader::FORBIDDEN_KEY

    # The octets of `value`. Raises UnsupportedValueError, which names a type and never the value.
    #
    # `any_length` writes what SPEC 6.1 has no form for in MessagePack's own, which has the next first octet. It is for
    # comparing and counting: no token has room for such a value, and no reader accepts it.
    def self.write(value, any_length: false) = new(any_length: any_length).write(value)

    def initialize(any_length:)
      @octets = String.new(encoding: Encoding::BINARY)
      @any_length = any_length
    end

    def write(value)
      write_value(value, 0)
      @octets
    end

    private

    def write_value(value, level)
      case value
      when nil then put("C", 0xc0)
      when false then put("C", 0xc2)
      when true then put("C", 0xc3)
      when Integer then value.negative? ? write_negative(value) : write_unsigned(value)
      when Float then write_float(value)
      when String then write_string(value)
      when Array then write_array(value, level)
      when Hash then write_map(value, level)
      else refuse "#{value.class} has no form; store nil, true, false, Integer, Float, String, Array or Hash"
      end
    end

    def write_unsigned(number)
      if number < 2**7 then put("C", number)
      elsif number < 2**8 then put("CC", 0xcc, number)
      elsif number < 2**16 then put("CS>", 0xcd, number)
      elsif number < 2**32 then put("CL>", 0xce, number)
      elsif number < 2**63 then put("CQ>", 0xcf, number)
      else refuse "Integer above 2^63-1; store it as a String"
      end
    end

    def write_negative(number)
      if number >= -32 then put("c", number)
      elsif number >= -2**7 then put("Cc", 0xd0, number)
      elsif number >= -2**15 then put("Cs>", 0xd1, number)
      elsif number >= -2**31 then put("Cl>", 0xd2, number)
      elsif number >= -2**63 then put("Cq>", 0xd3, number)
      else refuse "Integer below -2^63; store it as a String"
      end
    end

    def write_float(number)
      refuse "Float that is not finite; store nil" unless number.finite?
      put("CG", 0xcb, number)
    end

    def write_string(string)
      if Text.text?(string)
        write_length(string.bytesize, fixed: 0xa0, most_fixed: 31, one_octet: 0xd9, two_octets: 0xda)
      elsif Text.octets?(string)
        write_length(string.bytesize, one_octet: 0xc4, two_octets: 0xc5)
      else
        refuse "String that is neither well-formed UTF-8 nor ASCII-8BIT (#{string.encoding}); encode it as UTF-8"
      end
      @octets << string.b
    end

    def write_array(array, level)
      refuse_deep(level)
      write_length(array.size, fixed: 0x90, most_fixed: 15, two_octets: 0xdc)
      array.each { |value| write_value(value, level + 1) }
    end

    def write_map(map, level)
      refuse_deep(level)
      pairs = map.map { |key, value| [check_key(key), value] }.sort_by(&:first)
      # Hash#compare_by_identity makes a Hash that can hold two equal keys.
      refuse "Hash that holds a key twice" if pairs.each_cons(2).any? { |(key, _), (next_key, _)| key == next_key }

      write_length(pairs.size, fixed: 0x80, most_fixed: 15, two_octets: 0xde)
      pairs.each do |key, value|
        write_string(key)
        write_value(value, level + 1)
      end
    end

    # `key` in UTF-8, so that keys sort by their octets (SPEC 6.4).
    def check_key(key)
      refuse "Hash key that is no String of well-formed UTF-8; write string keys" unless Text.text?(key)
      refuse "Hash key #{FORBIDDEN_KEY}; name it otherwise" if key == FORBIDDEN_KEY
      key.encode(Encoding::UTF_8)
    end

    # The shortest form of a length (SPEC 6.1). Arrays and maps have none of one octet, bin has no fixed one.
    def write_length(length, two_octets:, fixed: nil, most_fixed: -1, one_octet: nil)
      if length <= most_fixed then put("C", fixed + length)
      elsif one_octet && length < 2**8 then put("CC", one_octet, length)
      elsif length < 2**16 then put("CS>", two_octets, length)
      elsif @any_length then put("CL>", two_octets + 1, length)
      else raise SessionTooLargeError, "a String, Array or Hash of #{length} fits into no token; " \
                                       "#{SessionTooLargeError::REMEDY}"
      end
    end

    def refuse_deep(level)
      refuse "Arrays and Hashes below level #{DEEPEST_LEVEL}; flatten them, or break the cycle" if level > DEEPEST_LEVEL
    end

    def put(format, *numbers) = @octets << numbers.pack(format)

    def refuse(message) = raise(UnsupportedValueError, message)
  end
end
