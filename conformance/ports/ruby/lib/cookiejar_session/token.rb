# frozen_string_literal: true

module CookiejarSession
  # Token octets: seal and open (SPEC 7 and 8). Knows nothing of cookies.
  module Token
    PREFIX = "cj1."
    VERSION = /\Acj[0-9]{1,9}[a-z]?\./n
    BLOCK_OCTETS = 24
    KEY_ID_OCTETS = 8
    NONCE_OCTETS = 24
    # SPEC 2.2: 68 + 32 * k characters, k blocks from 2 to 122.
    LENGTHS = (2..122).map { |blocks| 68 + 32 * blocks }.freeze
    MOST_CHARACTERS = LENGTHS.last

    # A well-formed value under a known key, not yet opened.
    class Box
      attr_reader :entry, :nonce, :octets

      def initialize(entry:, nonce:, octets:)
        @entry = entry
        @nonce = nonce
        @octets = octets
        freeze
      end

      def inspect = "#<#{self.class} #{entry.key.id.unpack1("H*")}>"
    end

    class << self
      # The token for `envelope`, stamped as issued at `now`, under the primary (SPEC 7). Raises ConfigurationError if
      # no key may seal, UnsupportedValueError or SessionTooLargeError if no token can hold the envelope. `limit`, in
      # characters, may be lower than MOST_CHARACTERS (SPEC 13.8).
      def seal(envelope, ring:, purpose:, now:, limit: MOST_CHARACTERS)
        nonce = Random.urandom(NONCE_OCTETS)
        seal_with_nonce(envelope, ring: ring, purpose: purpose, now: now, limit: limit, nonce: nonce)
      end

      # The envelope in `value` at `now`, as lowered by `policy`. Raises TokenError with the reason (SPEC 8).
      def open(value, ring:, purpose:, now:, policy: Policy.new)
        open_box(find_box(value, ring: ring, now: now), purpose: purpose, now: now, policy: policy)
      end

      # Whether a value begins like a token of any version. Another value belongs to other software (SPEC 10.5).
      def like?(value) = value.b.match?(VERSION)

      # SPEC 8.2 steps 1 to 7, which need no cryptography. Whatever the encoding of `value`, its octets count.
      def find_box(value, ring:, now:)
        octets = value.b
        unless octets.start_with?(PREFIX)
          raise TokenError, like?(octets) ? "unknown-version" : "malformed"
        end
        raise TokenError, "too-long" if octets.bytesize > MOST_CHARACTERS
        raise TokenError, "malformed" unless LENGTHS.include?(octets.bytesize)

        raw = Base64url.decode(octets.byteslice(PREFIX.bytesize..)) or raise TokenError, "malformed"
        key_id, nonce, box = raw.unpack("a#{KEY_ID_OCTETS}a#{NONCE_OCTETS}a*")
        entry = ring.find(key_id, now) or raise TokenError, "unknown-key"
        Box.new(entry: entry, nonce: nonce, octets: box)
      end

      # SPEC 8.2 steps 8 to 16.
      def open_box(box, purpose:, now:, policy:)
        policy.judge(Envelope.decode(unpad(decrypt(box, purpose))), now: now)
      end

      private

      # The seam for tests (SPEC 7.4): a nonce that is used twice gives both plaintexts away.
      # @api private
      def seal_with_nonce(envelope, ring:, purpose:, now:, nonce:, limit: MOST_CHARACTERS)
        primary = ring.primary(now) or raise ConfigurationError, "no key may seal now"
        plaintext = envelope.stamp(now: now).encode(any_length: true)
        refuse_long(68 + 32 * (plaintext.bytesize / BLOCK_OCTETS + 1), limit)

        box = RbNaCl::SecretBox.new(primary.key.box_key(purpose)).box(nonce, pad(plaintext))
        PREFIX + Base64url.encode(primary.key.id + nonce + box)
      end

      def refuse_long(characters, limit)
        return if characters <= limit

        raise SessionTooLargeError, "session needs a token of #{characters} characters, the limit is #{limit}; " \
                                    "#{SessionTooLargeError::REMEDY}"
      end

      # SPEC 2.3: a whole block behind an exact multiple.
      def pad(plaintext)
        padded_octets = (plaintext.bytesize / BLOCK_OCTETS + 1) * BLOCK_OCTETS
        (plaintext + "\x80".b).ljust(padded_octets, "\0")
      end

      # SPEC 2.4.
      def unpad(padded)
        zeros = padded.bytesize - 1 - (padded.rindex(/[^\0]/n) || -1)
        plaintext = padded.byteslice(0, padded.bytesize - zeros)
        raise TokenError, "bad-padding" unless zeros < BLOCK_OCTETS && plaintext.end_with?("\x80".b)

        plaintext.byteslice(0...-1)
      end

      def decrypt(box, purpose)
        RbNaCl::SecretBox.new(box.entry.key.box_key(purpose)).open(box.nonce, box.octets)
      rescue RbNaCl::CryptoError
        raise TokenError, "not-authentic", cause: nil
      end
    end
  end
end
