# frozen_string_literal: true

Gem::Specification.new do |gem|
  gem.name = "cookiejar_session"
  gem.version = "0.1.0"
  gem.summary = "Sessions wholly in one encrypted cookie, shared with Python's cookiejar-session"
  gem.authors = ["cookiejar-session contributors"]
  gem.license = "MIT"
  gem.required_ruby_version = ">= 3.1"
  gem.files = Dir["lib/**/*.rb", base: __dir__] + ["README.md", "LICENSE"]
  gem.add_dependency "rbnacl", "~> 7.1" # secretbox and BLAKE2b, by the system's libsodium
end
