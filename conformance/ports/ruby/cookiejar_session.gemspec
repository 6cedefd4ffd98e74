# frozen_string_literal: true

Gem::Specification.new do |gem|
  gem.name = "cookiejar_session"
  gem.version = "0.1.0"
  gem.summary = "Sessions wholly in one encrypted cookie, shared with Python's cookiejar-session"
  gem.description = "Reads and writes the encrypted session cookies of cookiejar-session, wire format v1: one login for " \
                    "Rack applications and for the Python applications beside them."
  gem.authors = ["cookiejar-session contributors"]
  gem.license = "MIT"
  gem.homepage = "https://github.com/cookiejar-session/cookiejar-session/tree/main/conformance/ports/ruby"
  gem.metadata = {
    "source_code_uri" => "https://github.com/cookiejar-session/cookiejar-session",
    "bug_tracker_uri" => "https://github.com/cookiejar-session/cookiejar-session/issues",
    "changelog_uri" => "https://github.com/cookiejar-session/cookiejar-session/blob/main/CHANGELOG.md",
    "rubygems_mfa_required" => "true"
  }
  gem.required_ruby_version = ">= 3.1"
  gem.files = Dir["lib/**/*.rb", base: __dir__] + ["README.md", "LICENSE"]
  gem.add_dependency "rbnacl", "~> 7.1" # secretbox and BLAKE2b, by the system's libsodium
end
