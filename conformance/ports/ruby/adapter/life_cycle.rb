# frozen_string_literal: true

module CookiejarSession
  module Adapter
    # The op life-cycle: one request, what the application does with its session, and its response.
    class LifeCycle
      def initialize(status:, response:)
        @status = status
        @response = response.map { |name, value| [name.downcase, value] }
        @headers = @response.group_by(&:first).transform_values { |fields| fields.map(&:last) }
        @theirs = @headers.fetch("set-cookie", []).size
      end

      def run(session, actions, sealed_at:)
        actions.each { |action| act(session, action) }
        session.save(@headers, status: @status, now: sealed_at)
      end

      # `context` is that of Token.open.
      def describe(**context)
        cookies = list("set-cookie").drop(@theirs)
        token = cookies.first&.slice(/\A[^=]+=([^;]+);/, 1)
        others = @response.select { |name, _| @headers.key?(name) && !%w[vary cache-control].include?(name) }
        { "set_cookies" => cookies.map { |cookie| token ? cookie.sub(token, "{token}") : cookie },
          "vary" => list("vary"), "cache_control" => list("cache-control"), "others" => others,
          "token" => token && describe_token(token, **context) }
      end

      private

      def list(name) = Array(@headers[name])

      def act(session, action)
        case action.fetch("do")
        when "read" then nil
        when "set" then session.data[action["key"]] = VectorText.value(action["value"])
        when "delete" then session.data.delete(action["key"])
        when "flash" then session.add_flash(action["category"], VectorText.value(action["value"]))
        when "pop-flash" then session.take_all_flash
        when "csrf-token" then session.csrf_token
        when "set-lifetime" then session.set_lifetime(**action.except("do").transform_keys(&:to_sym))
        else session.public_send(action["do"])
        end
      end

      # That the token does not open is a fault, and no refusal of the write.
      def describe_token(token, **context)
        envelope = Token.open(token, **context)
        key_id = Base64url.decode(token.delete_prefix(Token::PREFIX))[0, Token::KEY_ID_OCTETS]
        { "key_id" => VectorText.hex(key_id), "envelope" => VectorText.describe_envelope(envelope) }
      rescue TokenError => e
        raise "the token that was set does not open: #{e.reason}"
      end
    end
  end
end
