# frozen_string_literal: true

require "json"

module CookiejarSession
  # The session of one request: SessionCookie#open gives it, `save` keeps what was changed (SPEC 13). Only the content of
  # `data` can be written. Shows no sid, neither by `inspect` nor as JSON. For one thread.
  class Session
    # A Hash with String keys. README.md says which values it takes.
    attr_reader :data

    # @api private
    def initialize(sessions, reading)
      @sessions = sessions
      @reading = reading
      @new = reading.envelope.nil?
      @discarded = false
      start(reading.envelope || sessions.begin_session(now: reading.now))
    end

    # Adds to the headers of a response what keeps the session: Set-Cookie where it is needed, Vary, Cache-Control (SPEC
    # 13.5 to 13.12). Call it once, after everything else that sets Cache-Control, and also if the session was only read:
    # `save` renews it in time. `status` is that of the response.
    #
    # Raises SessionTooLargeError, or UnsupportedValueError for a value that cannot be kept. Then nothing was changed, and
    # another response can be sent.
    def save(headers, status: 200, now: Time.now.to_i)
      raise Error, "the session was saved before; call save once, after the last change" if @saved

      fields = decide(headers, status.to_i, now)
      @saved = true
      return Caching.vary_by_cookie(headers) if fields.empty?

      Caching.add_cookies(headers, fields)
      Caching.keep_private(headers)
    end

    # Gives the session a new sid and as long an absolute lifetime as it had, from now on. Call it at every login, and
    # wherever a visitor gains rights, against session fixation. Changes this session, and returns it.
    def regenerate
      last = [@reading.now + @lifetime, Envelope::LAST_TIME].min
      change(sid: Envelope.draw_sid, created: @reading.now, until: last)
      @csrf_wanted = false
      seal_anyway
    end

    # Ends the session: after `save` the browser has no cookie of it, under no name. What is written afterwards begins a
    # new session.
    def discard
      @new = @discarded = true
      start(@sessions.begin_session(now: @reading.now))
      self
    end

    # Empties data and flash, and keeps the session.
    def clear
      @data.clear
      change(flash: [])
      @cleared = true
      self
    end

    # Changes how long this session lives, for example for "remember me"; in seconds. nil leaves a value.
    def set_lifetime(idle: nil, absolute: nil, persistent: nil)
      @lifetime = absolute || @lifetime
      ends = @reading.now + absolute if absolute
      change(**{ idle: idle, until: ends, persistent: persistent }.compact)
      seal_anyway
    end

    # Restarts the idle timeout, whether or not it is time.
    def renew = seal_anyway

    # Adds a message for the next page. It drops the oldest of 32 others.
    def add_flash(category, value)
      change(flash: [*@envelope.flash, [category, value]].last(Envelope::MOST_FLASHES))
      self
    end

    # The messages of a category, the oldest first. They are removed.
    def take_flash(category)
      taken, kept = @envelope.flash.partition { |each, _| each == category }
      change(flash: kept)
      taken.map(&:last)
    end

    # The messages of all categories, [category, value] each, the oldest first. They are removed.
    def take_all_flash
      taken = @envelope.flash
      change(flash: [])
      taken
    end

    # A CSRF token for a form. `save` then keeps also a session that is empty.
    def csrf_token(form: "")
      @csrf_wanted = true
      Csrf.make(sid: @envelope.sid, form: form)
    end

    def csrf_token?(token, form: "") = Csrf.valid?(token, sid: @envelope.sid, form: form)

    # Whether the request brought no session that was accepted, or `discard` was called.
    def new? = @new

    # Why the request's cookie was refused, for logs only; nil if it was accepted, or if there was none.
    def reason = @reading.reason

    # Names the session in logs. It is not secret.
    def log_id = Derivation.log_id(@envelope.sid)

    def created_at = Time.at(@envelope.created)

    # When the session expires if it is not renewed.
    def expires_at = Time.at([@envelope.issued + @envelope.idle, @envelope.until].min)

    def persistent? = @envelope.persistent

    def inspect = "#<#{self.class} #{log_id}>"

    # What render json: and JSON.generate show.
    def as_json(*) = data

    def to_json(*arguments) = data.to_json(*arguments)

    private

    def start(envelope)
      @envelope = envelope
      @data = envelope.data
      @lifetime = envelope.until - envelope.created
      @empty_at_first = @data.empty?
      @baseline = encode_content
      @cleared = @seal_anyway = @csrf_wanted = false
    end

    def change(**fields)
      @envelope = @envelope.with(**fields)
    end

    def seal_anyway
      @seal_anyway = true
      self
    end

    def encode_content = MessagePackWriter.write([@data, @envelope.flash])

    # SPEC 13.5 from step 2 on: the Set-Cookie fields.
    def decide(headers, status, now)
      wrote = encode_content != @baseline || @seal_anyway || (@csrf_wanted && new?)
      if @discarded && !wrote then @sessions.delete(@reading)
      elsif wrote && anything_left? then seal(now)
      elsif wrote && (@reading.accepted || @discarded) then @sessions.delete(@reading)
      elsif status == 304 || Caching.shared?(headers) || Caching.sets?(headers, @sessions.name) then []
      elsif @sessions.due?(@reading) then reseal(now)
      elsif @reading.dead? then @sessions.delete(@reading)
      else []
      end
    end

    # Also an empty session may carry the CSRF token of a form in another tab.
    def anything_left?
      !@data.empty? || !@envelope.flash.empty? || @csrf_wanted || (!new? && @empty_at_first && !@cleared)
    end

    def seal(now) = @sessions.write(@envelope, @reading, now: now, discarded: @discarded)

    # SPEC 13.8: what cannot be sealed is left out.
    def reseal(now)
      seal(now)
    rescue Error
      []
    end
  end
end
