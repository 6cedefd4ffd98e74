# frozen_string_literal: true

module CookiejarSession
  # The ring of a key file. When a key is needed, the file is read again if the last time is 10 seconds ago, or one second
  # if a token has an unknown key id. A file that holds no valid keys is named on stderr; the previous keys stay in use.
  # Another line says when the file is valid again. So a service without requests reads and says nothing.
  # Answers as a Ring does. Threads may share it.
  class RingFile
    READ_EVERY = 10
    READ_EVERY_ON_UNKNOWN_KEY = 1
    MOST_OCTETS = 1 << 20
    FILE_KINDS = { "directory" => "directory", "fifo" => "FIFO", "socket" => "socket" }.freeze
    # A text that begins like a key, or that is as long as one without its form and no absolute path.
    KEY_LIKE = %r{\A\s*(?:cjk1_|hex:|b64:|skb:)|\A[0-9A-Za-z+_-][0-9A-Za-z+/_=-]{42,}\z}

    def initialize(path, now: Time.now.to_i)
      @path = path.to_s
      @lock = Mutex.new
      @read_at = now
      @ring = load(now)
    end

    def entries = @ring.entries

    def primary(now) = follow(now, READ_EVERY).primary(now)

    def find(key_id, now)
      follow(now, READ_EVERY).find(key_id, now) || follow(now, READ_EVERY_ON_UNKNOWN_KEY).find(key_id, now)
    end

    def behind_primary?(entry, now) = @ring.behind_primary?(entry, now)

    def inspect = @ring.inspect

    def as_json(*) = inspect

    private

    # The ring of now. A clock that went back reads the file too.
    def follow(now, seconds)
      @lock.synchronize do
        unless now >= @read_at && now - @read_at < seconds
          @read_at = now
          read_again(now)
        end
        @ring
      end
    end

    def read_again(now)
      @ring = load(now)
      warn "cookiejar_session: key file #{@path.inspect} is valid again" if @complaint
      @complaint = nil
    rescue ConfigurationError => e
      warn "cookiejar_session: #{e.message}; the previous keys stay in use" unless e.message == @complaint
      @complaint = e.message
    end

    def load(now)
      # Reading a FIFO would wait for a writer.
      refuse_other_files(File.stat(@path))
      Ring.parse(File.binread(@path), now: now, file: true)
    rescue SystemCallError, ConfigurationError => e
      # Not shown, since errors get into logs.
      if @path.match?(KEY_LIKE) && !File.exist?(@path)
        raise ConfigurationError, "the path of the key file is a key; put the key in #{Ring::TEXT_VARIABLE}", cause: nil
      end

      raise ConfigurationError, "key file #{@path.inspect}: #{describe(e)}", cause: nil
    end

    def refuse_other_files(found)
      unless found.file?
        raise ConfigurationError, "is a #{FILE_KINDS.fetch(found.ftype, "device")}; name a file with keys"
      end
      return if found.size <= MOST_OCTETS

      raise ConfigurationError, "is longer than #{MOST_OCTETS} bytes; name a file with keys"
    end

    # Of an error of the operating system its words alone, such as "No such file or directory".
    def describe(error)
      return error.message if error.is_a?(ConfigurationError)

      "#{error.class.new.message}; name a file that this process can read"
    end
  end
end
