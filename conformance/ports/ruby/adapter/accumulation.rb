# frozen_string_literal: true

module CookiejarSession
  module Adapter
    # The op accumulated: many seals and opens in a row, each made from the hash of what came before.
    class Accumulation
      FIRST_NOW = 1_700_000_000

      def initialize(ring:, purpose:)
        @context = { ring: ring, purpose: purpose }
      end

      def run(seed, steps:)
        steps.times.reduce(seed) { |hash, step| hash_step(hash, step) }
      end

      private

      def hash_step(hash, step)
        r = blake2b(hash + [step].pack("Q<"))
        s = blake2b(r)
        now = FIRST_NOW + number(r, 16) % 2**26
        token = Token.send(:seal_with_nonce, make_envelope(r, s, now, step), now: now, nonce: s[0, 24], **@context)
        place = (r.getbyte(31) * 256 + s.getbyte(31)) % token.size
        tampered = token.dup.tap { |copy| copy[place] = copy[place] == "A" ? "B" : "A" }
        plaintext = Token.open(token, now: now, **@context).encode
        blake2b(token.b + name_outcome(tampered, now) + plaintext)
      end

      def make_envelope(r, s, now, step)
        created = now - r.getbyte(20)
        Envelope.new(sid: r[0, 16], created: created, issued: created, idle: [1, number(r, 21)].max,
                     until: now + 1 + number(r, 25), persistent: r.getbyte(29).odd?, data: make_data(s),
                     flash: Array.new(r.getbyte(30) % 3) { ["k", step] })
      end

      def make_data(s)
        { "n" => s.unpack1("q<") >> (s.getbyte(8) % 64),
          "f" => number(s, 9) / 256.0,
          "b" => s[0, s.getbyte(13) % 33],
          "é" => s[0, s.getbyte(14) % 17].unpack1("H*"),
          "l" => Array.new(s.getbyte(15) % 20) { |index| [nil, true, false][s.getbyte(index) % 3] } }
      end

      def name_outcome(token, now)
        Token.open(token, now: now, **@context)
        "accepted".b
      rescue TokenError => e
        e.reason.b
      end

      def blake2b(octets) = RbNaCl::Hash.blake2b(octets, digest_size: 32)

      # LE32 at this offset.
      def number(octets, offset) = octets.unpack1("L<", offset: offset)
    end
  end
end
