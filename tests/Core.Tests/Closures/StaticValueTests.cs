using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MicroSpark.Closures;

namespace MicroSpark.Tests.Closures;

/// <summary>Static fields that every worker makes alike are let through; those that would be another value there travel.</summary>
public sealed partial class StaticValueTests
{
    public static TheoryData<string, Func<int, object?>> Alike => new()
    {
        { "regex", x => Made.Pattern.IsMatch($"{x}") },
        { "generated regex", x => Made.Generated().IsMatch($"{x}") },
        { "array", x => Made.Table[x] },
        { "array of a method", x => Made.Squares[x] },
        { "dictionary", x => Made.Names[x] },
        { "set", x => Made.Set.Contains(x) },
        { "frozen", x => Made.Frozen.ContainsKey($"{x}") },
        { "immutable", x => Made.Immutable[x] },
        { "search values", x => Made.Letters.Contains((char)x) },
        { "options", x => JsonSerializer.Serialize(x, Made.Options) },
        { "client", _ => Made.Client.Timeout },
        { "lazy", _ => Made.Late.Value },
        { "lazy of the environment", _ => Made.LateAsked.Value },
        { "cache", x => Made.Cached(x) },
        { "warmed cache", x => Made.Warmed(x) },
        { "memo", _ => Deep() },
        { "static constructor", x => Filled.Numbers[x] },
        { "text", _ => Made.Text },
        { "culture", x => x.ToString(Made.German) },
        { "zone", _ => Made.Berlin.Id },
        { "encoding", x => Made.Utf8.GetByteCount($"{x}") },
        { "comparer", x => Made.Comparer.Equals($"{x}", "a") },
        { "seeded random", _ => Made.Seeded.Next() },
        { "lock", _ => Locked() },
        { "function", x => Made.Twice(x) },
        { "type", _ => Made.Kind.Name },
        { "uri", _ => Made.Place.Host },
        { "version", _ => Made.Release.Major },
        { "separators", x => $"{x}".Split(Made.Separators) },
        { "thread local", _ => Made.Local.Value },
        { "time", x => Made.Start.AddDays(x) },
        { "big number", x => Made.Big + x },
        { "record", x => Made.Pair.X + x },
        { "enum values", x => Made.Days[x % 7] },
        { "property", _ => Made.Property },
        { "counted by the lambda alone", x => Counted(x) },
        { "new line", _ => Made.Line },
        { "read elsewhere", x => Made.Read[x] },
        { "generic", _ => Generic<int>.Name },
        { "guid of the lambda's own", _ => Guid.NewGuid() },
        { "clock of the lambda's own", _ => DateTime.UtcNow },
        { "watch of the lambda's own", x => Stopwatch.StartNew().ElapsedTicks + Stopwatch.GetTimestamp() + x },
        { "folder of the lambda's own", _ => Path.GetTempPath() },
    };

    public static TheoryData<string, Func<int, object?>> Different => new()
    {
        { "Environment.GetEnvironmentVariable", _ => Asked.Variable },
        { "Environment.MachineName", _ => Asked.Machine },
        { "Environment.ProcessId", _ => Asked.ProcessId },
        { "Environment.GetCommandLineArgs", _ => Asked.Arguments.Length },
        { "Environment.ProcessorCount", x => Asked.Cores * x },
        { "Environment.UserName", _ => Asked.User },
        { "Environment.CurrentDirectory", _ => Asked.Folder },
        { "Environment.TickCount64", _ => Asked.Ticks },
        { "Environment.GetFolderPath", _ => Asked.Home },
        { "Environment.ExpandEnvironmentVariables", _ => Asked.Expanded },
        { "DateTime.UtcNow", _ => Asked.Now },
        { "DateTime.Now", _ => Asked.LocalNow },
        { "DateTimeOffset.UtcNow", _ => Asked.NowWithOffset },
        { "Stopwatch.GetTimestamp", _ => Asked.Stamp },
        { "TimeProvider.GetUtcNow", _ => Asked.Provided },
        { "Guid.NewGuid", _ => Asked.Run },
        { "File.Exists", _ => Asked.Exists },
        { "File.Exists", x => Asked.Lines[x] },
        { "Directory.GetFiles", _ => Asked.Files.Length },
        { "Path.GetTempPath", _ => Asked.Temporary },
        { "new StreamReader", _ => Asked.Reader },
        { "AppContext.BaseDirectory", _ => Asked.Base },
        { "Environment.GetEnvironmentVariable", _ => Asked.ByHelper },
        { "Environment.MachineName", _ => Asked.Title },
        { "Process.GetCurrentProcess", _ => Asked.Own },
        { "CultureInfo.CurrentCulture", _ => Asked.Culture },
        { "Environment.MachineName", _ => Asked.Property },
        { "Environment.ProcessId", _ => DeepAsked() },
        { "TimeProvider.GetTimestamp", _ => Asked.ProvidedStamp },
        { "Path.GetRandomFileName", _ => Asked.RandomName },
    };

    /// <summary>The same, where the value of now cannot stand in for the field.</summary>
    public static TheoryData<string, Func<int, object?>> Refused => new()
    {
        { "Environment.MachineName", x => Enumerable.Range(0, x).Select(_ => Asked.Machine).First() },
        { "Environment.ProcessId", x => Several(x).First() },
        { "Guid.NewGuid", _ => Constructed() },
        { "DateTime.UtcNow", _ => Disposing() },
    };

    [Theory, MemberData(nameof(Alike))]
    public void What_every_worker_makes_alike_goes_on_working(string name, Func<int, object?> lambda)
    {
        Made.Warmed(3);
        Assert.NotNull(name);
        Assert.NotNull(Closure<Func<int, object?>>.Capture(lambda, "Map", "f"));
    }

    [Theory, MemberData(nameof(Different))]
    public void What_would_be_another_value_is_taken_when_it_is_declared(string asked, Func<int, object?> lambda)
    {
        Assert.NotNull(asked);
        SameThere(lambda);
    }

    [Fact]
    public void A_value_that_cannot_travel_is_refused_by_its_path()
    {
        foreach (var lambda in new Func<int, object?>[] { _ => Asked.Watch.Elapsed, _ => Asked.All.Count })
        {
            var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, object?>>.Capture(lambda, "Map", "f"));
            Assert.StartsWith("Asked.", error.FieldPath, StringComparison.Ordinal);
            Assert.Contains("cannot be sent to workers (", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Refused))]
    public void Where_the_value_cannot_stand_in_it_is_refused_with_the_way_out(string why, Func<int, object?> lambda)
    {
        var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, object?>>.Capture(lambda, "Map", "f"));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains("to a local variable before", error.Message, StringComparison.Ordinal);
        Assert.Contains(error.FieldPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_way_out_works()
    {
        var machine = Asked.Machine;
        Assert.NotNull(Closure<Func<int, object?>>.Capture(_ => machine, "Map", "f"));
    }

    /// <summary>A copy of the program, whose own fields are made anew, gives what this one gives.</summary>
    internal static void SameThere(Func<int, object?> lambda)
    {
        var closure = Closure<Func<int, object?>>.Capture(lambda, "Map", "f");
        var expected = Outcome(lambda);
        Assert.Equal(expected, Outcome(closure.CreateInstance()));
        using var space = TestSpace.Isolated();
        Assert.Equal(expected, Outcome(TestSpace.In(space, closure).CreateInstance()));
    }

    private static string Outcome(Func<int, object?> function)
    {
        try
        {
            return JsonSerializer.Serialize(function(1));
        }
        catch (Exception error) when (error is IndexOutOfRangeException or NullReferenceException or KeyNotFoundException)
        {
            return error.GetType().Name;
        }
    }

    private static IEnumerable<int> Several(int x)
    {
        yield return x + Asked.ProcessId;
    }

    private static Guid Constructed() => new Holder().Run;

    private static DateTime Disposing()
    {
        using var reader = new StringReader("");
        return Asked.Now;
    }

    private static int Deep() => Deeper();

    private static int Deeper() => Made.Memo;

    private static int DeepAsked() => DeeperAsked() + 1;

    private static int DeeperAsked() => Asked.ProcessId;

    private static int Counted(int x)
    {
        Made.Seen.Add(x);
        return Made.Seen.Count;
    }

    private static int Locked()
    {
        lock (Made.Gate)
        {
            return 1;
        }
    }

    private static partial class Made
    {
        public static readonly Regex Pattern = new("a+b");
        public static readonly int[] Table = [1, 2, 3];
        public static readonly int[] Squares = Square(10);
        public static readonly Dictionary<int, string> Names = new() { [1] = "one", [2] = "two" };
        public static readonly HashSet<int> Set = [1, 2];
        public static readonly FrozenDictionary<string, int> Frozen = new Dictionary<string, int> { ["a"] = 1 }.ToFrozenDictionary();
        public static readonly ImmutableArray<int> Immutable = [1, 2];
        public static readonly SearchValues<char> Letters = SearchValues.Create("abc");
        public static readonly JsonSerializerOptions Options = new() { WriteIndented = true };
        public static readonly HttpClient Client = new();
        public static readonly Lazy<int> Late = new(() => Square(3)[2]);
        public static readonly Lazy<string> LateAsked = new(() => Environment.MachineName);
        public static readonly string Text = "a" + nameof(Made);
        public static readonly CultureInfo German = CultureInfo.GetCultureInfo("de-DE");
        public static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        public static readonly Encoding Utf8 = new UTF8Encoding(false);
        public static readonly StringComparer Comparer = StringComparer.OrdinalIgnoreCase;
        public static readonly Random Seeded = new(7);
        public static readonly object Gate = new();
        public static readonly Func<int, int> Twice = x => 2 * x;
        public static readonly Type Kind = typeof(Made);
        public static readonly Uri Place = new("http://example.com");
        public static readonly Version Release = new(1, 2);
        public static readonly char[] Separators = [',', ';'];
        public static readonly ThreadLocal<int> Local = new(() => 3);
        public static readonly DateTime Start = new(2026, 1, 1);
        public static readonly BigInteger Big = BigInteger.Pow(2, 100);
        public static readonly Coordinate Pair = new(1, 2);
        public static readonly DayOfWeek[] Days = Enum.GetValues<DayOfWeek>();
        public static readonly HashSet<int> Seen = [];
        public static readonly string Line = Environment.NewLine;
        public static readonly int[] Read = [1, 2];

        private static readonly ConcurrentDictionary<int, string> s_cache = new();
        private static readonly Dictionary<int, int> s_warmed = [];
        private static int[]? s_memo;

        public static string Property { get; } = "p";

        public static int Memo => (s_memo ??= Square(4))[1];

        [GeneratedRegex("a+")]
        public static partial Regex Generated();

        public static string Cached(int x) => s_cache.GetOrAdd(x, static n => $"{n}");

        public static int Warmed(int x)
        {
            if (!s_warmed.TryGetValue(x, out var known))
            {
                s_warmed.Add(x, known = x * x);
            }

            return known;
        }

        public static int ReadElsewhere() => Read[0] + Read.Length;

        private static int[] Square(int count)
        {
            var squares = new int[count];
            for (var i = 0; i < count; i++)
            {
                squares[i] = i * i;
            }

            return squares;
        }
    }

    private static class Filled
    {
        public static readonly List<int> Numbers;

        static Filled()
        {
            Numbers = [];
            for (var i = 0; i < 3; i++)
            {
                Numbers.Add(i);
            }
        }
    }

    private static class Generic<T>
    {
        public static readonly string Name = typeof(T).Name;
    }

    private static class Asked
    {
        public static readonly string? Variable = Environment.GetEnvironmentVariable("FACTOR");
        public static readonly string Machine = Environment.MachineName;
        public static readonly int ProcessId = Environment.ProcessId;
        public static readonly string[] Arguments = Environment.GetCommandLineArgs();
        public static readonly int Cores = Environment.ProcessorCount;
        public static readonly string User = Environment.UserName;
        public static readonly string Folder = Environment.CurrentDirectory;
        public static readonly long Ticks = Environment.TickCount64;
        public static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        public static readonly string Expanded = Environment.ExpandEnvironmentVariables("%HOME%");
        public static readonly DateTime Now = DateTime.UtcNow;
        public static readonly DateTime LocalNow = DateTime.Now;
        public static readonly DateTimeOffset NowWithOffset = DateTimeOffset.UtcNow;
        public static readonly long Stamp = Stopwatch.GetTimestamp();
        public static readonly Stopwatch Watch = Stopwatch.StartNew();
        public static readonly DateTimeOffset Provided = TimeProvider.System.GetUtcNow();
        public static readonly Guid Run = Guid.NewGuid();
        public static readonly bool Exists = File.Exists("/etc/hostname");
        public static readonly string[] Lines = File.Exists("/none") ? File.ReadAllLines("/none") : [];
        public static readonly string[] Files = Directory.GetFiles("/");
        public static readonly string Temporary = Path.GetTempPath();
        public static readonly StreamReader? Reader = Text.Length > 9 ? new StreamReader("/none") : null;
        public static readonly string Base = AppContext.BaseDirectory;
        public static readonly int ByHelper = Helper();
        public static readonly string Title = $"at {Environment.MachineName}";
        public static readonly int Own = Process.GetCurrentProcess().Id;
        public static readonly string Culture = CultureInfo.CurrentCulture.Name;

        public static readonly System.Collections.IDictionary All = Environment.GetEnvironmentVariables();
        public static readonly long ProvidedStamp = TimeProvider.System.GetTimestamp();
        public static readonly string RandomName = Path.GetRandomFileName();

        public static string Property { get; } = Environment.MachineName;

        private static string Text => "";

        private static int Helper() => Inner() + 1;

        private static int Inner() => Environment.GetEnvironmentVariable("FACTOR")?.Length ?? 0;
    }

    private sealed class Holder
    {
        public Guid Run { get; } = Asked.Run;
    }

    private sealed record Coordinate(int X, int Y);
}
