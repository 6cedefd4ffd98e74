# frozen_string_literal: true

# What the conformance suite cannot say: encodings, what is shown, what is out of reach.

require "fileutils"
require "json"
require "minitest/autorun"
require "pp"
require "tempfile"
require "tmpdir"
require "yaml"
require_relative "../lib/cookiejar_session"

class CookiejarSessionTest < Minitest::Test
  include CookiejarSession

  NOW = 1_767_225_600
  PUBLISHED = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

  def setup
    @key = Key.generate
    @ring = Ring.parse(@key.text, now: NOW)
    @sessions = SessionCookie.new(ring: @ring)
  end

  def begin_session(**content) = Policy.new.begin_session(now: NOW).with(**content)

  def reopen(value)
    token = Token.seal(begin_session(data: { "it" => value }), ring: @ring, purpose: "s", now: NOW)
    Token.open(token, ring: @ring, purpose: "s", now: NOW).data.fetch("it")
  end

  def send_back(fields) = fields.map { |field| field[/\A[^;]*/] }.join("; ")
end

class EncodingTest < CookiejarSessionTest
  def test_encoding_alone_decides_between_text_and_octets
    ["", "ascii", "ü"].each do |text|
      assert_equal Encoding::UTF_8, reopen(text).encoding
      assert_equal Encoding::BINARY, reopen(text.b).encoding
      assert_equal text, reopen(text)
      assert_equal text.b, reopen(text.b)
    end
  end

  def test_us_ascii_is_text
    assert_equal Encoding::US_ASCII, 7.to_s.encoding
    assert_equal Encoding::UTF_8, reopen(7.to_s).encoding
  end

  def test_text_in_another_encoding_is_refused
    ill_formed = ["\xff", "\xff".b.force_encoding(Encoding::US_ASCII)]
    ["ü".encode(Encoding::ISO_8859_1), "a".encode(Encoding::UTF_16LE), *ill_formed].each do |text|
      assert_raises(UnsupportedValueError) { reopen(text) }
    end
  end

  def test_octets_are_no_key
    assert_raises(UnsupportedValueError) { reopen({ "a".b => 1 }) }
  end

  def test_us_ascii_key_clashes_with_the_same_key_in_utf_8
    map = {}.compare_by_identity
    map["a".encode(Encoding::US_ASCII)] = 1
    map[+"a"] = 2
    assert_raises(UnsupportedValueError) { reopen(map) }
  end

  def test_what_ruby_alone_has_is_refused
    [:symbol, Time.at(0), 1r, 1i, 1..2, Object.new, { symbol: 1 }, { 1 => 1 }].each do |value|
      assert_raises(UnsupportedValueError) { reopen(value) }
    end
  end

  def test_a_cycle_is_refused
    cycle = []
    cycle << cycle
    assert_raises(UnsupportedValueError) { reopen(cycle) }
  end

  def test_purpose_and_form_are_text
    assert_raises(UnsupportedValueError) { @key.box_key("s".b) }
    assert_raises(UnsupportedValueError) { Csrf.make(sid: Envelope.draw_sid, form: "\xff") }
  end

  def test_a_value_counts_by_its_octets_whatever_its_encoding
    token = Token.seal(begin_session, ring: @ring, purpose: "s", now: NOW)
    [Encoding::BINARY, Encoding::US_ASCII, Encoding::UTF_16LE].each do |encoding|
      value = token.dup.force_encoding(encoding)
      assert_equal({}, Token.open(value, ring: @ring, purpose: "s", now: NOW).data)
    end
    refused = assert_raises(TokenError) { Token.open("cj1.\xff\0", ring: @ring, purpose: "s", now: NOW) }
    assert_equal "malformed", refused.reason
  end
end

class SecrecyTest < CookiejarSessionTest
  def shown(object) = [object.inspect, object.to_s, PP.pp(object, +"")].join

  def test_keys_are_not_shown
    material = @key.instance_variable_get(:@material)
    [@key, @ring, @ring.entries, @sessions].each do |object|
      refute_includes shown(object).b, material
      refute_includes shown(object), material.inspect[1...-1]
      refute_includes shown(object), @key.text
    end
    assert_includes @ring.inspect, @key.id.unpack1("H*")
  end

  def test_keys_cannot_be_dumped
    [@key, @ring, @sessions].each do |object|
      assert_raises(TypeError) { Marshal.dump(object) }
      assert_raises(TypeError) { YAML.dump(object) }
    end
  end

  def test_neither_sid_nor_content_is_shown
    envelope = begin_session(data: { "hidden" => "cat" }, flash: [%w[hidden cat]])
    reading = @sessions.read(send_back(@sessions.write(envelope, @sessions.read(nil, now: NOW), now: NOW)), now: NOW)
    [envelope, reading, reading.accepted].each do |object|
      refute_includes shown(object), envelope.sid.inspect[1...-1]
      refute_match(/hidden|cat\b/, shown(object))
    end
  end

  def test_a_refused_ring_names_the_entry_and_shows_no_key
    spoilt = @key.text.sub(/.\z/) { |last| last == "A" ? "B" : "A" }
    ["#{Key.generate.text} #{spoilt}", "#{Key.generate.text} #{@key.text}@from=x"].each do |text|
      error = assert_raises(ConfigurationError) { Ring.parse(text, now: NOW) }
      assert_includes error.message, "entry 2"
      refute_includes error.full_message, @key.text[5, 43]
      assert_nil error.cause
    end
  end

  def test_the_seams_are_private
    assert_raises(NoMethodError) { Ring.parse_with_published_keys(PUBLISHED, now: NOW) }
    assert_raises(NoMethodError) { Ring.new([], now: NOW, refused_key_ids: []) }
    assert_raises(NoMethodError) { Token.seal_with_nonce(begin_session) }
    assert_raises(NoMethodError) { Csrf.make_with_mask(sid: "") }
    refute_includes Token.method(:seal).parameters.map(&:last), :nonce
  end

  def test_the_published_keys_are_those_of_the_suite
    published = JSON.parse(File.read(File.join(__dir__, "../../../keys.json"))).map { |key| key["key_id"] }
    assert_empty published - PublishedKeys::IDS.map { |id| id.unpack1("H*") }
  end
end

class EnvironmentTest < CookiejarSessionTest
  def test_text_or_file_but_not_both
    Tempfile.create("keys") do |file|
      file.write("# of today\n#{@key.text}\n")
      file.close
      text, path = { Ring::TEXT_VARIABLE => @key.text }, { Ring::FILE_VARIABLE => file.path }
      [text, path].each do |environment|
        assert_equal @key.id, Ring.from_environment(environment, now: NOW).primary(NOW).key.id
      end
      assert_raises(ConfigurationError) { Ring.from_environment(text.merge(path), now: NOW) }
    end
    assert_raises(ConfigurationError) { Ring.from_environment({ Ring::TEXT_VARIABLE => "" }, now: NOW) }
  end

  def test_a_published_key_is_refused
    assert_raises(ConfigurationError) { Ring.from_environment({ Ring::TEXT_VARIABLE => PUBLISHED }, now: NOW) }
  end
end

class SessionCookieTest < CookiejarSessionTest
  def previous = CookieAttributes.new(name: "old")

  def test_a_session_is_written_and_read_back
    sent = @sessions.write(begin_session(data: { "user" => 7 }), @sessions.read(nil, now: NOW), now: NOW)
    reading = @sessions.read(send_back(sent), now: NOW + 1)
    assert_equal({ "user" => 7 }, reading.envelope.data)
    assert_nil reading.reason
    refute @sessions.due?(reading)
    assert @sessions.due?(@sessions.read(send_back(sent), now: NOW + 1_209_600 / 10))
  end

  def test_a_session_moves_from_its_previous_name_unless_the_current_one_is_to_be_preserved
    before = SessionCookie.new(ring: @ring, cookie: previous)
    cookie = send_back(before.write(begin_session, before.read(nil, now: NOW), now: NOW))
    after = SessionCookie.new(ring: @ring, previous: [previous])
    reading = after.read(cookie, now: NOW)
    assert_equal "old", reading.name
    assert after.due?(reading)
    refute after.due?(after.read("#{cookie}; __Host-session=cj2.x", now: NOW))
    token, *deletions = after.write(reading.envelope, reading, now: NOW)
    assert_match(/\A__Host-session=cj1\./, token)
    assert_equal [previous.render_deletion], deletions
    assert_equal [CookieAttributes.new.render_deletion, previous.render_deletion], after.delete(reading)
  end

  def test_what_no_reader_can_use_is_dead
    assert @sessions.read("__Host-session=cj1.junk", now: NOW).dead?
    refute @sessions.read("__Host-session=junk", now: NOW).dead?
    refute @sessions.read("__Host-session=cj1.junk; __Host-session=cj2.x", now: NOW).dead?
    refute @sessions.read("other=junk", now: NOW).dead?
  end

  def test_a_session_beyond_the_limit_is_refused_unless_it_came_so_long
    long = begin_session(data: { "text" => "x" * 2000 })
    assert_raises(SessionTooLargeError) { @sessions.write(long, @sessions.read(nil, now: NOW), now: NOW) }
    wide = SessionCookie.new(ring: @ring, max_token_characters: 3972)
    cookie = send_back(wide.write(long, wide.read(nil, now: NOW), now: NOW))
    assert_equal 1, @sessions.write(long, @sessions.read(cookie, now: NOW), now: NOW).size
  end

  def test_a_clock_that_went_back_counts_as_the_first_reading
    envelope = @sessions.begin_session(now: NOW)
    field = @sessions.write(envelope, @sessions.read(nil, now: NOW), now: NOW - 100).first
    assert_includes field, "; Max-Age=1209600"
  end
end

class CachingTest < CookiejarSessionTest
  def keep_private(*values) = Caching.keep_private({ "Cache-Control" => values })["Cache-Control"]

  # The answers of conformance/v1/life-cycle.json, life-cache-control-… and life-vary-….
  def test_a_response_with_the_cookie_is_private
    assert_equal({ "cache-control" => "private", "vary" => "Cookie" }, Caching.keep_private({}))
    assert_equal "private", keep_private(" ,")
    assert_equal ["no-store"], keep_private("no-store")
    assert_equal ["Private, max-age=60"], keep_private("Private, max-age=60")
    assert_equal "private, max-age=60, no-cache", keep_private("max-age=60", "no-cache")
    assert_equal "private, max-age=60", keep_private("public, max-age=60, S-Maxage=5")
    assert_equal "private, no-store", keep_private("no-store, public")
    assert_equal 'private, no-cache="a, public"', keep_private('no-cache="a, public"')
    assert_equal 'private, x="a\\", public', keep_private('x="a\\", public')
    assert_equal 'private, private="x-a"', keep_private('private="x-a"')
  end

  def test_fields_that_overrule_cache_control_are_removed
    headers = { "CDN-Cache-Control" => "max-age=60", "surrogate-control" => ["max-age=60"], "X-Accel-Expires" => "0",
                "Edge-Control" => "max-age=60, No-Store", "Cache-Tag" => "a" }
    assert_equal %w[X-Accel-Expires Edge-Control Cache-Tag cache-control vary], Caching.keep_private(headers).keys
  end

  def test_cookie_is_added_to_vary
    { [] => "Cookie", ["Accept ,Origin,"] => "Accept, Origin, Cookie", "accept, cookie" => "accept, cookie",
      "*" => "*" }.each do |before, after|
      assert_equal after, Caching.vary_by_cookie({ "Vary" => before })["Vary"]
    end
  end
end

class ReadmeTest < CookiejarSessionTest
  # The text that CookieSessions().configuration_json() prints.
  DEFAULT = { "cookie" => { "name" => "__Host-session", "path" => "/", "domain" => nil, "secure" => true,
                            "httponly" => true, "samesite" => "Lax", "partitioned" => false },
              "purpose" => "__Host-session",
              "policy" => { "idle_timeout" => 1_209_600, "absolute_lifetime" => 7_776_000, "persistent" => true,
                            "renew_after" => nil, "longest_idle" => nil, "longest_lifetime" => nil,
                            "not_before" => nil },
              "max_token_characters" => 2660, "previous" => [] }.freeze

  # Runs the blocks of README.md as one config.ru, and gives the application.
  def load_example
    blocks = File.read(File.join(__dir__, "../README.md")).scan(/^```ruby\n(.*?)^```/m).join
    ran = nil
    scope = Module.new
    scope.define_singleton_method(:run) { |app| ran = app }
    $LOAD_PATH.unshift(File.join(__dir__, "../lib"))
    Dir.mktmpdir do |folder|
      File.write(File.join(folder, "session.json"), JSON.generate(DEFAULT))
      scope.module_eval(blocks, File.join(folder, "config.ru"))
    end
    ran
  end

  def test_the_example_signs_in_and_out
    ENV[Ring::TEXT_VARIABLE] = @key.text
    app = load_example
    env = {}
    [["GET", "/", "", nil], ["GET", "/login", "", nil], ["POST", "/login", "ada", /\A__Host-session=cj1/],
     ["GET", "/", "ada", nil], ["GET", "/logout", "ada", nil], ["POST", "/logout", "", /\A__Host-session=; /],
     ["GET", "/", "", nil]].each do |method, path, user, cookie|
      status, headers, body = app.call(env.merge("REQUEST_METHOD" => method, "PATH_INFO" => path))
      assert_equal [200, ["hello #{user}"], "Cookie"], [status, body, headers["vary"]]
      cookie ? assert_match(cookie, headers["set-cookie"].join) : assert_nil(headers["set-cookie"])
      env = path == "/logout" ? {} : { "HTTP_COOKIE" => send_back(headers["set-cookie"]) } if cookie
    end
  ensure
    ENV.delete(Ring::TEXT_VARIABLE)
  end
end

class SessionTest < CookiejarSessionTest
  def open_new = @sessions.open({}, now: NOW)

  # The session of a request whose cookie holds this data.
  def open_sealed(data, at: NOW, sessions: @sessions)
    token = Token.seal(begin_session(data: data), ring: @ring, purpose: "__Host-session", now: NOW)
    sessions.open({ "HTTP_COOKIE" => "__Host-session=#{token}" }, now: at)
  end

  def save(session, at: NOW, **options) = session.save({}, now: at, **options)

  def kind(headers)
    return :nothing unless headers.key?("set-cookie")

    assert_equal %w[private Cookie], headers.values_at("cache-control", "vary")
    headers["set-cookie"].first.start_with?("__Host-session=cj1.") ? :token : :deletion
  end

  def test_save_decides_as_the_specification_says_for_a_new_session
    { ->(_) {} => :nothing, ->(s) { s.data["a"] = 1 } => :token, ->(s) { s.regenerate } => :nothing,
      ->(s) { s.csrf_token } => :token, ->(s) { s.csrf_token && s.regenerate } => :nothing,
      ->(s) { s.discard } => :deletion, ->(s) { s.discard.data["a"] = 1 } => :token }.each do |act, expected|
      session = open_new
      act.call(session)
      assert_equal expected, kind(save(session)), act.source_location.to_s
    end
  end

  def test_save_decides_as_the_specification_says_for_an_opened_session
    { ->(_) {} => :nothing, ->(s) { s.data["user"] = [1] } => :nothing, ->(s) { s.data["user"] << 2 } => :token,
      ->(s) { s.data.clear } => :deletion, ->(s) { s.clear } => :deletion, ->(s) { s.regenerate } => :token,
      ->(s) { s.renew } => :token, ->(s) { s.set_lifetime(idle: 60) } => :token,
      ->(s) { s.add_flash("a", 1) } => :token, ->(s) { s.discard } => :deletion,
      ->(s) { s.discard.regenerate } => :deletion, ->(s) { s.discard.data["a"] = 1 } => :token }.each do |act, expected|
      session = open_sealed({ "user" => [1] })
      act.call(session)
      assert_equal expected, kind(save(session)), act.source_location.to_s
    end
  end

  def test_an_empty_session_is_kept_unless_it_was_cleared
    assert_equal :token, kind(save(open_sealed({}).renew))
    assert_equal :deletion, kind(save(open_sealed({}).clear.renew))
  end

  def test_renewal_is_left_out_beside_shared_caches_and_in_a_304
    late = NOW + 500_000
    assert_equal :token, kind(save(open_sealed({ "a" => 1 }, at: late), at: late))
    assert_equal :nothing, kind(save(open_sealed({ "a" => 1 }, at: late), at: late, status: 304))
    { "Cache-Control" => "Public", "cache-control" => ["max-age=5", "s-maxage=5"], "CDN-Cache-Control" => "max-age=5",
      "Set-Cookie" => "__Host-session=x" }.each do |name, value|
      assert_equal [name, "vary"], open_sealed({ "a" => 1 }, at: late).save({ name => value }, now: late).keys
    end
    { "Cache-Control" => "max-age=5", "CDN-Cache-Control" => "no-store" }.each do |name, value|
      assert_includes open_sealed({ "a" => 1 }, at: late).save({ name => value }, now: late), "set-cookie"
    end
  end

  def test_a_session_that_is_too_large_changes_nothing_and_can_be_saved_smaller
    session = open_new
    session.data["text"] = "x" * 2000
    headers = { "Cache-Control" => "public" }
    error = assert_raises(SessionTooLargeError) { session.save(headers, now: NOW) }
    assert_includes error.message, "2660"
    assert_equal({ "Cache-Control" => "public" }, headers)
    session.data["text"] = "x"
    assert_equal :token, kind(session.save({}, now: NOW))
    assert_raises(Error) { session.save({}, now: NOW) }
  end

  def test_a_session_that_did_not_grow_is_written_again_but_not_after_discard
    session = open_sealed({ "text" => "x" * 2000 })
    session.data["text"].tr!("x", "y")
    assert_equal :token, kind(save(session))
    session = open_sealed({ "text" => "x" * 2000 })
    session.discard.data["text"] = "y" * 2000
    assert_raises(SessionTooLargeError) { save(session) }
  end

  def test_a_renewal_past_the_limit_is_left_out
    tight = Class.new(SessionCookie) { def write(...) = raise(SessionTooLargeError) }.new(ring: @ring)
    late = NOW + 500_000
    assert_equal :nothing, kind(save(open_sealed({ "a" => 1 }, at: late, sessions: tight), at: late))
  end

  def test_a_value_that_cannot_be_kept_is_an_error
    session = open_new
    session.data[:user] = 7
    assert_raises(UnsupportedValueError) { save(session) }
  end

  def test_regenerate_changes_the_session_in_place
    session = open_sealed({ "user" => 7 }, at: NOW + 50)
    before = session.log_id
    assert_same session, session.regenerate
    refute_equal before, session.log_id
    again = @sessions.open({ "HTTP_COOKIE" => send_back(save(session, at: NOW + 50)["set-cookie"]) }, now: NOW + 60)
    assert_equal [{ "user" => 7 }, session.log_id, NOW + 50], [again.data, again.log_id, again.created_at.to_i]
    assert_equal NOW + 50 + 1_209_600, again.expires_at.to_i
  end

  def test_regenerate_takes_the_lifetime_that_was_set
    session = open_sealed({ "user" => 7 }, at: NOW + 50)
    session.set_lifetime(absolute: 100, persistent: false).regenerate
    refute session.persistent?
    assert_equal NOW + 150, session.expires_at.to_i
  end

  def sealed(ring:)
    sessions = SessionCookie.new(ring: ring)
    send_back(sessions.write(begin_session(data: { "user" => 7 }), sessions.read(nil, now: NOW), now: NOW))
  end

  def test_the_reason_is_why_the_cookie_was_refused_and_nil_if_none_was
    sessions = SessionCookie.new(ring: @ring, previous: [CookieAttributes.new(name: "old")])
    good, stranger = sealed(ring: @ring), sealed(ring: Ring.parse(Key.generate.text, now: NOW))
    malformed, previous = "__Host-session=cj1.x", "old=cj1.x"
    [
      [nil, nil], ["a=b", nil], [good, nil], [stranger, "unknown-key"], [malformed, "malformed"],
      [good, "expired", NOW + 1_209_600],
      # Of several, the first; and none where one is accepted.
      ["#{stranger}; #{malformed}", "unknown-key"], ["#{malformed}; #{stranger}", "malformed"],
      ["#{malformed}; #{good}", nil], [previous, "malformed"], ["#{previous}; #{stranger}", "unknown-key"]
    ].each do |cookie, reason, now = NOW|
      session = sessions.open({ "HTTP_COOKIE" => cookie }, now: now)
      2.times do
        reason.nil? ? assert_nil(session.reason, cookie) : assert_equal(reason, session.reason, cookie)
        session.discard
      end
    end
  end

  def test_discard_deletes_the_previous_cookie_too
    old = CookieAttributes.new(name: "__Host-old")
    sessions = SessionCookie.new(ring: @ring, previous: [old])
    token = Token.seal(begin_session, ring: @ring, purpose: "__Host-old", now: NOW)
    session = sessions.open("__Host-old=#{token}", now: NOW)
    expected = [CookieAttributes.new.render_deletion, old.render_deletion]
    assert_equal expected, save(session.discard)["set-cookie"]
    # Also beside a message for the next page.
    session = sessions.open("__Host-session=#{token}; __Host-old=#{token}", now: NOW)
    assert_equal old.render_deletion, save(session.discard.add_flash("notice", "signed out"))["set-cookie"].last
  end

  def test_the_33rd_flash_message_drops_the_oldest
    session = open_new
    session.add_flash("other", 0)
    33.times { |number| session.add_flash("notice", number) }
    assert_equal (1..32).to_a, session.take_flash("notice")
    assert_empty session.take_flash("notice") + session.take_flash("other")
    assert_equal [["a", 1], ["b", 2]], session.add_flash("a", 1).add_flash("b", 2).take_all_flash
    assert_empty session.take_all_flash
  end

  def test_fields_other_than_data_cannot_be_written
    assert_empty Session.public_instance_methods(false).grep(/=\z/)
  end

  def test_csrf_tokens
    session = open_new
    token = session.csrf_token(form: "pay")
    assert session.csrf_token?(token, form: "pay")
    refute session.csrf_token?(token)
  end

  def test_nothing_shows_the_sid
    session = open_sealed({ "user" => 7 })
    sid = session.instance_variable_get(:@envelope).sid
    [session, session.instance_variable_get(:@reading), session.instance_variable_get(:@envelope)].each do |object|
      shown = [object.inspect, object.to_s, PP.pp(object, +""), JSON.generate(object), JSON.generate([object])].join
      refute_includes shown, sid.inspect[1...-1]
      refute_includes shown, sid.unpack1("H*")
    end
    assert_equal '{"user":7}', JSON.generate(session)
    assert_equal({ "user" => 7 }, session.as_json)
    [@key, session.instance_variable_get(:@envelope)].each { |object| assert_equal object.inspect, object.as_json }
  end
end

class RackTest < CookiejarSessionTest
  def save_beside(release, headers)
    rack = Module.new
    rack.define_singleton_method(:release) { release }
    Object.const_set(:Rack, rack)
    session = @sessions.open({}, now: NOW)
    session.data["user"] = 7
    session.save(headers, now: NOW)
  ensure
    Object.send(:remove_const, :Rack)
  end

  def test_rack_2_gets_a_string
    cookies = save_beside("2.2.7", { "Set-Cookie" => "a=1\nb=2" })["Set-Cookie"]
    assert_match(/\Aa=1\nb=2\n__Host-session=cj1\.[^\n]*\z/, cookies)
    assert_kind_of String, save_beside("2.2.7", {})["Set-Cookie"]
  end

  def test_rack_3_gets_an_array
    assert_equal %w[a=1 b=2], save_beside("3.1.0", { "set-cookie" => %w[a=1 b=2] })["set-cookie"].first(2)
    assert_equal "a=1", save_beside("3.1.0", { "set-cookie" => "a=1" })["set-cookie"].first
    assert_equal 1, save_beside("3.1.0", {})["set-cookie"].size
  end
end

class ConfigurationTest < CookiejarSessionTest
  def parse(**changes)
    SessionCookie.from_json(JSON.generate(ReadmeTest::DEFAULT.merge(changes.transform_keys(&:to_s))), ring: @ring)
  end

  def test_everything_is_taken_over
    cookie = ReadmeTest::DEFAULT["cookie"].merge("name" => "new", "samesite" => nil, "secure" => false)
    policy = ReadmeTest::DEFAULT["policy"].merge("idle_timeout" => 60, "persistent" => true)
    old = ReadmeTest::DEFAULT["cookie"].merge("name" => "old")
    sessions = parse(cookie: cookie, purpose: "new", policy: policy, max_token_characters: 3972,
                     previous: [{ cookie: old, purpose: "old" }])
    token = Token.seal(begin_session(data: { "text" => "x" * 2000 }), ring: @ring, purpose: "old", now: NOW)
    fields = sessions.open("old=#{token}", now: NOW).save({}, now: NOW)["set-cookie"]
    assert_match(/\Anew=\S+; Path=\/; HttpOnly; Max-Age=1209600\z/, fields.first)
    assert_match(/\Aold=; /, fields.last)
    session = sessions.open({}, now: NOW)
    assert_equal NOW + 60, session.expires_at.to_i
  end

  def test_one_purpose_for_all_cookies
    old = ReadmeTest::DEFAULT["cookie"].merge("name" => "__Host-old")
    sessions = parse(purpose: "p", previous: [{ cookie: old, purpose: "p" }])
    token = Token.seal(begin_session(data: { "a" => 1 }), ring: @ring, purpose: "p", now: NOW)
    assert_equal({ "a" => 1 }, sessions.open("__Host-old=#{token}", now: NOW).data)
    assert_raises(ConfigurationError) { parse(purpose: "q", previous: [{ cookie: old, purpose: "p" }]) }
  end

  def test_unknown_missing_and_wrong_fields_are_refused
    default = ReadmeTest::DEFAULT
    ["[]", "x", "7", JSON.generate(default.except("policy")), JSON.generate(default.merge("more" => 1)),
     *[%w[cookie secure], %w[policy idle_timeout]].flat_map do |part, name|
       [default[part].except(name), default[part].merge(name => "7"), default[part].merge("more" => 1)].map do |changed|
         JSON.generate(default.merge(part => changed))
       end
     end].each do |text|
      assert_raises(ConfigurationError, text) { SessionCookie.from_json(text, ring: @ring) }
    end
    assert_raises(ConfigurationError) { parse(max_token_characters: "2660") }
    assert_raises(ConfigurationError) { parse(purpose: 7) }
    assert_raises(ConfigurationError) { parse(previous: [7]) }
    assert_raises(ArgumentError) { SessionCookie.new(ring: @ring, secret_key: "x") }
  end

  def test_the_license_is_that_of_the_project
    assert_equal File.read(File.join(__dir__, "../../../../LICENSE")), File.read(File.join(__dir__, "../LICENSE"))
  end
end

class RingFileTest < CookiejarSessionTest
  def setup
    super
    @folder = Dir.mktmpdir
    @path = File.join(@folder, "keys")
    @fresh = Key.generate
    write(@key)
  end

  def teardown = FileUtils.remove_entry(@folder)

  def write(*keys) = File.write(@path, "# keys\n#{keys.map(&:text).join("\n")}\n")

  def test_the_file_is_read_again
    ring = Ring.from_environment({ Ring::FILE_VARIABLE => " #{@path}\n" }, now: NOW)
    write(@fresh, @key)
    assert_equal @key.id, ring.primary(NOW + 9).key.id
    entry = ring.find(@key.id, NOW + 9)
    assert_equal @fresh.id, ring.primary(NOW + 10).key.id
    assert ring.behind_primary?(entry, NOW + 10)
    refute_includes ring.inspect, @key.text
  end

  def test_an_unknown_key_id_reads_the_file_once_a_second
    ring = RingFile.new(@path, now: NOW)
    write(@fresh, @key)
    assert_nil ring.find(@fresh.id, NOW)
    assert_equal @fresh.id, ring.find(@fresh.id, NOW + 1).key.id
  end

  def test_a_clock_that_goes_back_reads_the_file
    ring = RingFile.new(@path, now: NOW)
    write(@fresh)
    assert_equal @fresh.id, ring.primary(NOW - 1000).key.id
    refute ring.behind_primary?(RingEntry.new(key: @key), NOW)
  end

  def test_a_bad_file_keeps_the_keys_and_is_named_once
    [-> { File.delete(@path) }, -> { File.write(@path, "") }, -> { File.write(@path, @key.text[0, 50]) },
     -> { File.write(@path, "x" * (2**20 + 1)) }, -> { File.delete(@path) && File.mkfifo(@path) }].each do |spoil|
      write(@key)
      ring = RingFile.new(@path, now: NOW)
      spoil.call
      _, said = capture_io do
        [10, 20, 30].each { |later| assert_equal @key.id, ring.primary(NOW + later).key.id }
      end
      assert_equal 1, said.scan("the previous keys stay in use").size
      assert_includes said, @path
      refute_includes said, @key.text[5, 40]
      refute_includes said, "valid again"
      assert_raises(ConfigurationError) { RingFile.new(@path, now: NOW) }
      File.delete(@path) if File.exist?(@path)
      write(@fresh)
      _, said = capture_io do
        [40, 50].each { |later| assert_equal @fresh.id, ring.primary(NOW + later).key.id }
      end
      assert_equal "cookiejar_session: key file #{@path.inspect} is valid again\n", said
      File.delete(@path)
    end
  end

  def test_a_key_in_place_of_the_path_is_not_shown
    ["", " ", "hex:"].each do |before|
      [@key.text, @key.text[5..], "#{@key.text}@until=2027-01-01T00:00:00Z"].each do |text|
        next if before == " " && text == @key.text[5..]

        error = assert_raises(ConfigurationError) { RingFile.new(before + text, now: NOW) }
        refute_includes error.full_message, @key.text[10, 30]
        assert_includes error.message, Ring::TEXT_VARIABLE
      end
    end
  end

  def test_a_path_in_place_of_the_key_is_named
    [@path, "./keys"].each do |path|
      error = assert_raises(ConfigurationError) { Ring.from_environment({ Ring::TEXT_VARIABLE => path }, now: NOW) }
      assert_includes error.message, "put the path in #{Ring::FILE_VARIABLE}"
    end
  end

  def test_a_missing_key_names_the_variables_and_the_command
    error = assert_raises(ConfigurationError) { Ring.from_environment({ Ring::TEXT_VARIABLE => " " }, now: NOW) }
    [Ring::TEXT_VARIABLE, Ring::FILE_VARIABLE, "cookiejar-session keygen"].each do |word|
      assert_includes error.message, word
    end
    error = assert_raises(ConfigurationError) { Ring.from_environment({ Ring::TEXT_VARIABLE => "junk" }, now: NOW) }
    assert_includes error.message, Ring::TEXT_VARIABLE
  end
end
