# frozen_string_literal: true

require "rbnacl"

# Sessions that live wholly in one encrypted cookie: wire format v1 of cookiejar-session (SPEC.md), in Ruby.
module CookiejarSession
  VERSION = "0.1.0"
end

require_relative "cookiejar_session/errors"
require_relative "cookiejar_session/text"
require_relative "cookiejar_session/base64url"
require_relative "cookiejar_session/derivation"
require_relative "cookiejar_session/key"
require_relative "cookiejar_session/published_keys"
require_relative "cookiejar_session/ring_text"
require_relative "cookiejar_session/ring"
require_relative "cookiejar_session/ring_file"
require_relative "cookiejar_session/message_pack_reader"
require_relative "cookiejar_session/message_pack_writer"
require_relative "cookiejar_session/envelope"
require_relative "cookiejar_session/policy"
require_relative "cookiejar_session/token"
require_relative "cookiejar_session/cookie_attributes"
require_relative "cookiejar_session/cookies"
require_relative "cookiejar_session/acceptance"
require_relative "cookiejar_session/reading"
require_relative "cookiejar_session/configuration"
require_relative "cookiejar_session/session_cookie"
require_relative "cookiejar_session/csrf"
require_relative "cookiejar_session/caching"
require_relative "cookiejar_session/session"
