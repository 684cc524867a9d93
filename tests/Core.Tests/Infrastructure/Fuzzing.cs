using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Xunit.Abstractions;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A reader of bytes that others write.</summary>
/// <param name="Name">Of its folder in the corpus.</param>
/// <param name="Valid">Bytes that it takes, as the writers of today make them.</param>
/// <param name="Read">As in <see cref="Mutations.Check"/>, and so is what is documented.</param>
/// <param name="Spare">What it may allocate above 16 times the bytes: buffers, and runs that a compressed form may name.</param>
internal sealed record FuzzTarget(
    string Name, byte[][] Valid, Action<byte[]> Read, Func<Exception, bool>? IsDocumented = null, long Spare = 1 << 20)
{
    public override string ToString() => Name;

    public Exception? Check(byte[] bytes, string what) => Mutations.CheckOne(bytes, Read, IsDocumented, what, Spare);
}

/// <summary>
/// Reads what lies in the corpus, <c>tests/Corpus/NAME</c>, and a bounded number of mutations of that and of valid bytes, the same ones each
/// time. <c>eng/fuzz.sh</c> goes on for minutes with others: what makes a reader say something new is a start for more, and is kept in the
/// corpus; what breaks it is written there before the test fails, and so is read again from then on. Here nobody looks at which code was
/// reached: what a reader says stands for it. <c>eng/fuzz.sh</c> has AFL++ look, outside, and brings what that has found.
/// </summary>
internal static class Fuzzing
{
    /// <summary>Set by <c>eng/fuzz.sh</c>: how long each target is fuzzed.</summary>
    private const string SecondsVariable = "MICROSPARK_FUZZ_SECONDS";

    /// <summary>Set by it too: a folder with a folder for each target of what AFL++ has found.</summary>
    private const string FoundVariable = "MICROSPARK_FUZZ_FOUND";

    /// <summary>Takes the targets in the place of what is done here: name, valid bytes, and what checks others. Set from outside.</summary>
    public static Action<string, byte[][], Action<byte[]>>? Instead { get; set; }

    private const int Mutants = 300;
    private const int LongestKept = 4 << 10;
    private const int MostKept = 48;

    public static void Run(FuzzTarget target, ITestOutputHelper output)
    {
        if (Instead is { } other)
        {
            other(target.Name, target.Valid, bytes => target.Check(bytes, "An input"));
            return;
        }

        Array.ForEach(target.Valid, target.Read);
        var folder = Path.Combine(Root(), "tests", "Corpus", target.Name);
        string[] files = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.bin").Order(StringComparer.Ordinal)] : [];
        List<byte[]> starts = [.. target.Valid, .. files.Select(File.ReadAllBytes)];
        var said = new HashSet<string>();
        for (var i = 0; i < files.Length; i++)
        {
            said.Add(Said(target.Check(starts[target.Valid.Length + i], files[i])));
        }

        var random = new Random(1);
        for (var i = 0; i < Mutants; i++)
        {
            target.Check(Mutations.Mutate(starts[random.Next(starts.Count)], random), $"Mutation {i} of the corpus of {target}");
        }

        if (Environment.GetEnvironmentVariable(FoundVariable) is { } found && Path.Combine(found, target.Name) is var own && Directory.Exists(own))
        {
            output.WriteLine(Take(target, folder, files.Length, own, said));
        }

        if (Environment.GetEnvironmentVariable(SecondsVariable) is { } seconds)
        {
            var time = TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture));
            output.WriteLine(Explore(target, folder, files.Length, starts, said, time));
        }
    }

    /// <returns>What was done, for people.</returns>
    private static string Explore(FuzzTarget target, string folder, int kept, List<byte[]> starts, HashSet<string> said, TimeSpan time)
    {
        Directory.CreateDirectory(folder);
        var (seed, watch, count) = (Random.Shared.Next(), Stopwatch.StartNew(), 0L);
        var random = new Random(seed);
        for (; watch.Elapsed < time; count++)
        {
            var bytes = Mutations.Mutate(starts[random.Next(starts.Count)], random);
            try
            {
                if (said.Add(Said(target.Check(bytes, $"Input {count} of seed {seed}"))) && bytes.Length <= LongestKept && kept < MostKept)
                {
                    kept++;
                    starts.Add(bytes);
                    Keep(folder, bytes);
                }
            }
            catch (Xunit.Sdk.XunitException)
            {
                Keep(folder, bytes);
                throw;
            }
        }

        return $"{target}: {count} inputs in {watch.Elapsed.TotalSeconds:0} s, seed {seed}, {kept} in the corpus";
    }

    /// <summary>Reads what was found elsewhere, the shortest first, and keeps what is news here too.</summary>
    private static string Take(FuzzTarget target, string folder, int kept, string found, HashSet<string> said)
    {
        Directory.CreateDirectory(folder);
        var (files, before) = (new DirectoryInfo(found).GetFiles(), kept);
        foreach (var file in files.OrderBy(static file => file.Length).ThenBy(static file => file.Name, StringComparer.Ordinal))
        {
            var bytes = File.ReadAllBytes(file.FullName);
            try
            {
                if (said.Add(Said(target.Check(bytes, file.Name))) && bytes.Length <= LongestKept && kept < MostKept)
                {
                    kept++;
                    Keep(folder, bytes);
                }
            }
            catch (Xunit.Sdk.XunitException)
            {
                Keep(folder, bytes);
                throw;
            }
        }

        return $"{target}: {files.Length} found by AFL++, {kept - before} of them new, {kept} in the corpus";
    }

    private static void Keep(string folder, byte[] bytes) =>
        File.WriteAllBytes(Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}.bin"), bytes);

    /// <summary>Without numbers and names of the input's own, which would each be something new.</summary>
    private static string Said(Exception? error)
    {
        var text = new StringBuilder(error?.GetType().Name);
        var quoted = false;
        foreach (var c in error?.Message ?? "")
        {
            quoted ^= c is '\'' or '"';
            if (!quoted && (char.IsAsciiLetter(c) || c == ' ') && text.Length < 120)
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MicroSpark.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("These tests run within a clone of the repository.");
        }

        return folder.FullName;
    }
}

/// <summary>Marks a test that hands a target to <see cref="Fuzzing.Run"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FuzzTargetAttribute : Attribute;
