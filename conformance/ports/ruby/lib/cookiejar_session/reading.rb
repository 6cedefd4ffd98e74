# frozen_string_literal: true

module CookiejarSession
  # What a request's cookies came to, the own name first, then the previous ones (SPEC 11.5). Knows no responses.
  class Reading
    # The moment at which the session was opened, and the names that have a value of ours in the request (SPEC 12.9).
    attr_reader :now, :names

    # `acceptances` are those of the names that were tried, in order; `names` a list.
    def initialize(acceptances, names:, now:)
      @acceptances = acceptances.freeze
      @names = names.freeze
      @now = now
      freeze
    end

    def accepted = @acceptances.find(&:accepted?)

    def envelope = accepted&.envelope

    # The name under which the session was opened.
    def name = accepted&.name

    # A TokenError for each unreadable value, in order.
    def refusals = @acceptances.flat_map(&:refusals)

    # Why nothing was accepted (SPEC 11.6): for logs, never for the visitor. nil without any value.
    def reason = (refusals.first&.reason unless accepted)

    # Whether all that came is dead for every reader, so that the cookie is to be deleted (SPEC 13.5 step 7).
    def dead? = accepted.nil? && refusals.any? && @acceptances.none?(&:must_preserve?)

    # SPEC 13.7.
    def move_due?
      current = @acceptances.first
      !accepted.nil? && !current.accepted? && !current.must_preserve?
    end

    def inspect = "#<#{self.class} #{@acceptances.inspect}>"
  end
end
