# frozen_string_literal: true

module CookiejarSession
  # The root of every error that this library raises on purpose. None shows key material, a sid or session data.
  class Error < StandardError; end

  # The operator's: a ring text, cookie attributes or a policy that cannot work.
  class ConfigurationError < Error; end

  # The application's: an envelope that no reader would accept, or a value that the format cannot say.
  class UnsupportedValueError < Error; end

  # The application's: more than a token can hold, or than the limit allows.
  class SessionTooLargeError < Error; end

  # The client's: a cookie value that was refused. `reason` is a word of SPEC 10.1.
  class TokenError < Error
    # Whether another reader may be able to read the cookie, so that it is to be preserved (SPEC 10.1 and 10.4). A value
    # that does not begin like a token is preserved too, whatever its reason (SPEC 10.5).
    PRESERVED_BY_REASON = {
      "unknown-version" => true,
      "malformed" => false,
      "too-long" => false,
      "unknown-key" => true,
      "not-authentic" => false,
      "bad-padding" => true,
      "bad-encoding" => true,
      "bad-envelope" => true,
      "not-yet-valid" => true,
      "expired" => true,
      "revoked" => false
    }.freeze

    attr_reader :reason

    def initialize(reason)
      @preserved = PRESERVED_BY_REASON.fetch(reason)
      @reason = reason
      super("token refused: #{reason}")
    end

    def preserved? = @preserved
  end
end
