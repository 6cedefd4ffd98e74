# frozen_string_literal: true

# The server of the live tests (tests/ports in the project's root). It answers what tests/ports/live_app.py describes.
# The application is a Rack application.

require "json"
require "uri"
require_relative "../lib/cookiejar_session"
require_relative "rack_loop"

SESSIONS = CookiejarSession::SessionCookie.from_json(ENV.fetch("LIVE_CONFIGURATION"))

def act(session, path, query)
  case path
  when "/read"
    return { user: session.data["user"], count: session.data["count"], flash: session.take_flash("notice"),
             log_id: session.log_id }
  when "/sign-in" then session.regenerate.data["user"] = query["name"]
  when "/count" then session.data["count"] = session.data.fetch("count", 0) + 1
  when "/flash" then session.add_flash("notice", query["text"])
  when "/fill" then session.data["fill"] = "x" * query["characters"].to_i
  when "/sign-out" then session.discard
  end
  {}
end

APP = lambda do |env|
  session = SESSIONS.open(env)
  body = act(session, env["PATH_INFO"], URI.decode_www_form(env["QUERY_STRING"]).to_h)
  headers = { "content-type" => "application/json" }
  session.save(headers)
  [200, headers, [JSON.generate(body)]]
rescue CookiejarSession::SessionTooLargeError
  [507, {}, ["{}"]]
end

serve(APP)
