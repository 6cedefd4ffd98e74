# frozen_string_literal: true

module CookiejarSession
  # CSRF tokens bound to a sid and a form (SPEC 14). Knows nothing of sessions.
  module Csrf
    MASK_OCTETS = 32
    CHARACTERS = 86

    class << self
      # A token for the form of this name; no two are alike.
      def make(sid:, form: "") = make_with_mask(sid: sid, form: form, mask: Random.urandom(MASK_OCTETS))

      # Whether `token` is one for this sid and form (SPEC 14.3). What is no String is none.
      def valid?(token, sid:, form: "")
        return false unless token.is_a?(String) && token.bytesize == CHARACTERS

        octets = Base64url.decode(token.b) or return false
        mask, masked = octets.unpack("a#{MASK_OCTETS}a*")
        # In constant time (SPEC 14.4).
        RbNaCl::Util.verify32(xor(mask, masked), Derivation.csrf(sid, form))
      end

      private

      # The seam for tests (SPEC 14.2): masked alike, tokens in compressed pages could be guessed.
      # @api private
      def make_with_mask(sid:, form:, mask:)
        Base64url.encode(mask + xor(mask, Derivation.csrf(sid, form)))
      end

      def xor(octets, others)
        octets.bytes.zip(others.bytes).map { |octet, other| octet ^ other }.pack("C*")
      end
    end
  end
end
