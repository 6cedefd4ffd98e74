# frozen_string_literal: true

# Serves the config.ru in the working directory, by the one call of Rack that it needs: run.

require_relative "../../conformance/ports/ruby/test/rack_loop"

def run(app) = serve(app)

load "./config.ru"
