# frozen_string_literal: true

module CookiejarSession
  # One key: its text, its material, what is derived from it. Knows nothing of other keys or of time.
  class Key
    MATERIAL_OCTETS = 32
    # Random octets practically never repeat so much; typed-in and zeroed keys do (SPEC 4.2 item 9).
    LEAST_DISTINCT_OCTETS = 16

    # The key id as octets; `id.unpack1("H*")` is how it is shown (SPEC 3.6).
    attr_reader :id

    def self.generate = new(Random.urandom(MATERIAL_OCTETS))

    # A key from its text in one of the four forms of SPEC 4.1.
    def self.parse(text)
      case text.b
      when /\Acjk1_([A-Za-z0-9_-]{48})\z/n then new(decode_checked(Regexp.last_match(1)))
      when /\Ahex:(\h{64})\z/n then new(decode_hex(Regexp.last_match(1)))
      when %r{\Ab64:([A-Za-z0-9+/_-]{43})=?\z}n then new(decode_base64(Regexp.last_match(1)))
      when /\Askb:(\h{128})\z/n then new(Derivation.key_of_secret_key_base(decode_hex(Regexp.last_match(1))))
      else raise ConfigurationError, "not a key; write cjk1_…, hex:…, b64:… or skb:…"
      end
    end

    def initialize(material)
      unless material.bytesize == MATERIAL_OCTETS
        raise ConfigurationError, "a key has #{MATERIAL_OCTETS} octets, not #{material.bytesize}"
      end

      @material = material.b.freeze
      @id = Derivation.key_id(@material).freeze
      freeze
    end

    # The key text (SPEC 4.3). It is the secret itself.
    def text = "cjk1_#{Base64url.encode(@material + Derivation.checksum(@material))}"

    def box_key(purpose) = Derivation.box_key(@material, purpose)

    def inspect = "#<#{self.class} #{id.unpack1("H*")}>"

    # Rails would show the instance variables.
    def as_json(*) = inspect

    def marshal_dump = raise(TypeError, "a key cannot be dumped, so that keys are not copied; make one in each process")

    # YAML's.
    def encode_with(_coder) = marshal_dump

    class << self
      private

      # SPEC 4.3.2.
      def decode_checked(characters)
        octets = Base64url.decode(characters)
        material = octets[0, MATERIAL_OCTETS]
        return refuse_weak(material) if octets[MATERIAL_OCTETS..] == Derivation.checksum(material)

        raise ConfigurationError, "the checksum is wrong: the key text was damaged on its way"
      end

      def decode_hex(digits) = refuse_weak([digits].pack("H*"))

      # SPEC 4.2 item 8: the two spare bits are zero.
      def decode_base64(characters)
        octets = Base64url.decode(characters.tr("+/", "-_"))
        return refuse_weak(octets) if octets

        raise ConfigurationError, "the spare bits of the last base64 character are not zero"
      end

      def refuse_weak(material)
        distinct = material.bytes.uniq.size
        return material if distinct >= LEAST_DISTINCT_OCTETS

        raise ConfigurationError, "only #{distinct} distinct octets, #{LEAST_DISTINCT_OCTETS} are wanted: not random"
      end
    end
  end
end
