# frozen_string_literal: true

module CookiejarSession
  # The values of a cookie in Cookie header fields (SPEC 11.1). Knows nothing of what a value means.
  module Cookies
    class << self
      # The values of the cookie `name`, octets in order. `headers` are the values of all Cookie fields.
      def scan(headers, name:)
        start = "#{name}=".b
        pieces = headers.map(&:b).join("; ").split(";", -1).map { |piece| trim(piece) }
        pieces.filter_map { |piece| trim(piece.delete_prefix(start)[/\A[^,]*/n]) if piece.start_with?(start) }
      end

      private

      # SP and TAB alone; String#strip takes more.
      def trim(piece)
        first = piece.index(/[^ \t]/n)
        first ? piece[first..piece.rindex(/[^ \t]/n)] : "".b
      end
    end
  end
end
