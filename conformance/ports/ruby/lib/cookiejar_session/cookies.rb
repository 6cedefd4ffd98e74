# frozen_string_literal: true

module CookiejarSession
  # The values of a cookie in Cookie header fields (SPEC 11.1). Knows nothing of what a value means.
  module Cookies
    # At most 16 (SPEC 11.1 steps 3 and 5).
    BLANKS_BEFORE = /\A[ \t]{1,16}/n
    BLANKS_BEHIND = /[ \t]{1,16}\z/n

    class << self
      # The values of the cookie `name`, octets in order. `headers` are the values of all Cookie fields.
      def scan(headers, name:)
        start = "#{name}=".b
        pieces = headers.map(&:b).join("; ").split(";", -1).map { |piece| piece.sub(BLANKS_BEFORE, "") }
        pieces.filter_map { |piece| trim(piece.delete_prefix(start)[/\A[^,]*/n]) if piece.start_with?(start) }
      end

      private

      # SP and TAB alone; String#strip takes more.
      def trim(value) = value.sub(BLANKS_BEFORE, "").sub(BLANKS_BEHIND, "")
    end
  end
end
