# frozen_string_literal: true

module CookiejarSession
  # base64url without padding (SPEC 1.5). Knows nothing of what is encoded.
  module Base64url
    def self.encode(octets)
      [octets].pack("m0").tr("+/", "-_").delete("=")
    end

    # The octets of `characters`; nil if these are not the one spelling of any octets.
    def self.decode(characters)
      return nil unless characters.match?(/\A[A-Za-z0-9_-]*\z/n)

      octets = characters.tr("-_", "+/").unpack1("m")
      # Spare bits that are not zero, and a lone last character, vanish in decoding.
      octets if encode(octets) == characters
    end
  end
end
