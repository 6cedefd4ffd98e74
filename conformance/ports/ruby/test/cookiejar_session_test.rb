# frozen_string_literal: true

# What the conformance suite cannot say: encodings, what is shown, what is out of reach.

require "json"
require "minitest/autorun"
require "pp"
require "tempfile"
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

  def test_regenerate_keeps_content_and_lifetime_under_a_new_sid
    before = begin_session(data: { "user" => 7 })
    after = before.regenerate(now: NOW + 50)
    refute_equal before.sid, after.sid
    assert_equal [NOW + 50, before.until + 50, before.data], [after.created, after.until, after.data]
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
  def test_the_examples_sign_in_and_know_the_visitor_again
    examples = File.read(File.join(__dir__, "../README.md")).scan(/^```ruby\n(.*?)^```/m).join
    env = {}
    2.times do |visit|
      ENV[Ring::TEXT_VARIABLE] = @key.text
      headers = {}
      user = Module.new.module_eval("#{examples}; user")
      assert_equal visit.zero?, user.nil?
      assert_includes [nil, 7], user
      assert_equal "private", headers["cache-control"]
      env["HTTP_COOKIE"] = send_back(headers["set-cookie"])
    end
  ensure
    ENV.delete(Ring::TEXT_VARIABLE)
  end
end
