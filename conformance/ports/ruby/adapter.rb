# frozen_string_literal: true

# By this program the runner of the conformance suite drives the library: JSON lines over stdin and stdout.

require "json"
require_relative "lib/cookiejar_session"
require_relative "adapter/vector_text"
require_relative "adapter/accumulation"
require_relative "adapter/life_cycle"
require_relative "adapter/ops"

module CookiejarSession
  # The protocol; what an op does is in adapter/ops.rb.
  module Adapter
    OPS = Ops.public_instance_methods(false).to_h { |name| [name.to_s.tr("_", "-"), name] }.freeze
    # Ruby's own: Integers of any size, Strings of any octets, Hashes of any keys (and twice the same), Time.
    CAPABILITIES = %w[
      wide-integers whole-floats big-integers ill-formed-text other-keys duplicate-keys dates untyped
    ].freeze

    class << self
      def serve(input, output)
        output.sync = true
        input.each_line do |line|
          message = JSON.parse(line, max_nesting: false)
          break if message["type"] == "stop"

          output.puts(JSON.generate(answer(message), max_nesting: 0))
        end
      end

      private

      def answer(message)
        case message.fetch("type")
        when "start"
          { type: "started", protocol: 1, name: "ruby", version: VERSION, ops: OPS.keys, capabilities: CAPABILITIES }
        when "run"
          answer_run(*message.fetch_values("number", "op", "input"))
        end
      end

      def answer_run(number, operation, input)
        result = run(OPS.fetch(operation), input.transform_keys(&:to_sym))
        { type: "result", number: number, result: result }
      rescue StandardError, SystemStackError => e
        { type: "error", number: number, message: "#{e.class}: #{e.message}" }
      end

      def run(operation, input)
        { accept: Ops.new.public_send(operation, **input) }
      rescue TokenError => e
        { refuse: e.reason }
      rescue Error => e
        # For the reader of a case that failed: perhaps the vector is at fault, not what it tests.
        warn "#{operation}: #{e.class}: #{e.message}"
        { refuse: "refused" }
      end
    end
  end
end

CookiejarSession::Adapter.serve($stdin, $stdout)
