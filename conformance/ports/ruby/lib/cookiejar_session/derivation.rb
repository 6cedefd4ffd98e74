# frozen_string_literal: true

module CookiejarSession
  # What is derived from keys and sids (SPEC 3). Knows nothing of key text or tokens.
  module Derivation
    LABELS = "cookiejar-session/v1/"

    class << self
      def box_key(key, purpose) = derive(key, "box", Text.to_octets(purpose))

      def key_id(key) = derive(key, "key-id")[0, 8]

      def csrf(sid, form) = derive(sid, "csrf", Text.to_octets(form))

      def log_id(sid) = derive(sid, "log-id")[0, 8].unpack1("H*")

      def key_of_secret_key_base(secret_key_base) = derive(secret_key_base, "skb")

      def checksum(key)
        RbNaCl::Hash.blake2b(join("#{LABELS}key-text", key), digest_size: 32)[0, 4]
      end

      private

      # SPEC 3.2: always 32 octets; a shorter result is cut from these.
      def derive(key, label, *pieces)
        RbNaCl::Hash.blake2b(join(LABELS + label, *pieces), key: key, digest_size: 32)
      end

      # PAE of SPEC 3.1: no two lists of pieces give the same octets.
      def join(*pieces)
        pieces.each_with_object([pieces.size].pack("Q<")) do |piece, joined|
          joined << [piece.bytesize].pack("Q<") << piece.b
        end
      end
    end
  end
end
