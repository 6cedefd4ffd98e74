# frozen_string_literal: true

# Serves a Rack application on 127.0.0.1, at the port that the variable PORT names. It needs no gem, so the tests need
# neither rackup nor a server for it.

require "socket"

def read_environment(client)
  path, query = client.gets.to_s.split.fetch(1, "/").split("?", 2)
  env = { "PATH_INFO" => path, "QUERY_STRING" => query.to_s }
  while (line = client.gets.to_s.chomp) != ""
    name, value = line.split(": ", 2)
    env["HTTP_#{name.upcase.tr("-", "_")}"] = value
  end
  env
end

def serve(app)
  server = TCPServer.new("127.0.0.1", ENV.fetch("PORT").to_i)
  loop do
    client = server.accept
    status, headers, body = app.call(read_environment(client))
    fields = headers.flat_map { |name, values| Array(values).map { |value| "#{name}: #{value}\r\n" } }
    client.write("HTTP/1.1 #{status} \r\n#{fields.join}connection: close\r\n\r\n#{body.join}")
  rescue SystemCallError => e
    warn e.message
  ensure
    client&.close
  end
end
