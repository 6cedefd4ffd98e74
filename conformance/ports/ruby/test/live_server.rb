# frozen_string_literal: true

# The server of the live tests (tests/ports in the project's root). It answers what tests/ports/live_app.py describes.
# The application is a Rack application; the loop that serves it needs no gem.

require "json"
require "socket"
require "uri"
require_relative "../lib/cookiejar_session"

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

def read_environment(client)
  target = client.gets.to_s.split.fetch(1, "/")
  path, query = target.split("?", 2)
  env = { "PATH_INFO" => path, "QUERY_STRING" => query.to_s }
  while (line = client.gets.to_s.chomp) != ""
    name, value = line.split(": ", 2)
    env["HTTP_#{name.upcase.tr("-", "_")}"] = value
  end
  env
end

server = TCPServer.new("127.0.0.1", ENV.fetch("PORT").to_i)
loop do
  client = server.accept
  status, headers, body = APP.call(read_environment(client))
  fields = headers.flat_map { |name, values| Array(values).map { |value| "#{name}: #{value}\r\n" } }
  client.write("HTTP/1.1 #{status} \r\n#{fields.join}connection: close\r\n\r\n#{body.join}")
rescue SystemCallError => e
  warn e.message
ensure
  client&.close
end
