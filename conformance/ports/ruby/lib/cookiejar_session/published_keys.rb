# frozen_string_literal: true

module CookiejarSession
  # The ids of the keys that stand in SPEC.md, the conformance suite (keys.json) and the README: anybody could seal with
  # these keys (SPEC 4.6).
  module PublishedKeys
    IDS = %w[
      6fc7081d3e766c36
      2cdd01d42e6dbf7f
    ].map { |id| [id].pack("H*").freeze }.freeze
  end
end
