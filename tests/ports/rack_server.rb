# frozen_string_literal: true

# Serves the config.ru in the working directory, by the one call of Rack that it needs: run.
# rackup and a server for it are not needed. The variable PORT says where to listen on 127.0.0.1.

require "socket"

def run(app) = $application = app # rubocop:disable Style/GlobalVars

def read_environment(client)
  path, query = client.gets.to_s.split.fetch(1, "/").split("?", 2)
  env = { "PATH_INFO" => path, "QUERY_STRING" => query.to_s }
  while (line = client.gets.to_s.chomp) != ""
    name, value = line.split(": ", 2)
    env["HTTP_#{name.upcase.tr("-", "_")}"] = value
  end
  env
end

load "./config.ru"
server = TCPServer.new("127.0.0.1", ENV.fetch("PORT").to_i)
loop do
  client = server.accept
  status, headers, body = $application.call(read_environment(client)) # rubocop:disable Style/GlobalVars
  fields = headers.flat_map { |name, values| Array(values).map { |value| "#{name}: #{value}\r\n" } }
  client.write("HTTP/1.1 #{status} \r\n#{fields.join}connection: close\r\n\r\n#{body.join}")
rescue SystemCallError => e
  warn e.message
ensure
  client&.close
end
