# frozen_string_literal: true

module CookiejarSession
  # Which Strings are text and which are octets: the encoding decides, never the content. Knows nothing of values.
  module Text
    # US-ASCII, which Integer#to_s and Symbol#to_s give, is a part of UTF-8. Text in any other encoding is to be encoded
    # as UTF-8 by whoever knows that it is text.
    ENCODINGS = [Encoding::UTF_8, Encoding::US_ASCII].freeze

    def self.text?(value)
      value.is_a?(String) && ENCODINGS.include?(value.encoding) && value.valid_encoding?
    end

    def self.octets?(value)
      value.is_a?(String) && value.encoding == Encoding::BINARY
    end

    # The UTF-8 octets of `text` (SPEC 1.4), not normalized.
    def self.to_octets(text)
      raise UnsupportedValueError, "text must be a String of well-formed UTF-8" unless text?(text)

      text.b
    end
  end
end
