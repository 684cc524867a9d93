using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MicroSpark.Tests.Model;

/// <summary>A type that programs put into an RDD, key by, or capture, and what is to come of each.</summary>
/// <param name="Verdict">
/// E, K and C: it gives LINQ's answer as element, key and capture. In lower case: it is refused when it is declared, or by the action before
/// there is a job. What stands behind an interface, a base class or <c>object</c> only a value shows: there the job may refuse it, too.
/// </param>
internal abstract record OddType(string Name, string Verdict)
{
    /// <summary>Runs programs that a seed draws; what came is in the form of a verdict, with <c>!</c> and why for everything else.</summary>
    internal abstract Task<string> TryAsync(MicroSparkContext spark, int seed);

    public override string ToString() => Name;
}

/// <inheritdoc />
internal sealed record OddType<T>(string Name, string Verdict, Func<T[]> Values) : OddType(Name, Verdict)
{
    private static readonly Func<Rdd<T>, int, Rdd<T>>[] s_steps =
    [
        static (rdd, _) => rdd.Map(static x => x),
        static (rdd, _) => rdd.Filter(static x => OddText.Of(x) != "?"),
        static (rdd, n) => rdd.Repartition(n),
        static (rdd, _) => rdd.MapPartitions(static part => part.ToArray()),
        static (rdd, _) => rdd.Glom().FlatMap(static part => part),
        static (rdd, _) => rdd.Map(static x => x).Persist(StorageLevel.MemoryOnlySerialized),
        static (rdd, _) => rdd.Filter(static _ => true).Cache(),
        static (rdd, _) => rdd.ZipWithIndex().Map(static pair => pair.Value),
        static (rdd, n) => rdd.Coalesce(n),
        static (rdd, n) => rdd.Sample(false, 1, n),
        static (rdd, _) => rdd.Map(static x => (x, new[] { x })).Map(static pair => pair.Item2[0]),
        static (rdd, _) => rdd.KeyBy(static x => OddText.Of(x)).SortByKey().Values(),
    ];

    internal override async Task<string> TryAsync(MicroSparkContext spark, int seed)
    {
        var random = new Random(seed);
        return await ElementAsync(spark, random) + await KeyAsync(spark, random) + await CaptureAsync(spark, random);
    }

    private Rdd<T> Source(MicroSparkContext spark, Random random)
    {
        var values = Values;
        return random.Next(2) == 0 ? spark.Parallelize(values(), 2)
            : spark.Range(0, values().Length, 1, 2).Map(i => values()[i]);
    }

    private Task<string> ElementAsync(MicroSparkContext spark, Random random) => OutcomeAsync(
        'E',
        () =>
        {
            var rdd = Source(spark, random);
            for (var step = random.Next(1, 4); step > 0; step--)
            {
                rdd = s_steps[random.Next(s_steps.Length)](rdd, random.Next(1, 5));
            }

            return rdd.CollectAsync();
        },
        found => OddText.OfBag(found),
        () => OddText.OfBag(Values()));

    private Task<string> KeyAsync(MicroSparkContext spark, Random random)
    {
        var groups = Values().GroupBy(static x => x).Select(static group => (OddText.Of(group.Key), group.Count()));
        return random.Next(4) switch
        {
            0 => OutcomeAsync(
                'K', () => Source(spark, random).Map(static x => (x, 1)).ReduceByKey(static (a, b) => a + b, 3).Map(static x => (OddText.Of(x.Item1), x.Item2)).CollectAsync(),
                found => OddText.OfBag(found), () => OddText.OfBag(groups)),
            1 => OutcomeAsync(
                'K', () => Source(spark, random).Map(static x => (x, 1)).GroupByKey(3).Map(static x => (OddText.Of(x.Key), x.Values.Count)).CollectAsync(),
                found => OddText.OfBag(found), () => OddText.OfBag(groups)),
            2 => OutcomeAsync(
                'K', () => Source(spark, random).Distinct(3).Map(static x => OddText.Of(x)).CollectAsync(),
                found => OddText.OfBag(found), () => OddText.OfBag(groups.Select(static group => group.Item1))),
            _ => OutcomeAsync(
                'K',
                () =>
                {
                    var pairs = Source(spark, random).Map(static x => (x, 1));
                    return pairs.Join(pairs, 3).Map(static x => (OddText.Of(x.Key), 1)).ReduceByKey(static (a, b) => a + b).CollectAsync();
                },
                found => OddText.OfBag(found), () => OddText.OfBag(groups.Select(static group => (group.Item1, group.Item2 * group.Item2)))),
        };
    }

    private Task<string> CaptureAsync(MicroSparkContext spark, Random random)
    {
        var value = Values()[random.Next(Values().Length)];
        return OutcomeAsync(
            'C', () => spark.Range(0, 3, 1, 2).Map(i => OddText.Of(value) + i).CollectAsync(),
            found => OddText.OfBag(found), () => OddText.OfBag(Enumerable.Range(0, 3).Select(i => OddText.Of(value) + i)));
    }

    /// <summary>An error while the program declares is a refusal; one that the job gives is none.</summary>
    private static async Task<string> OutcomeAsync<R>(char role, Func<Task<R>> declare, Func<R, string> said, Func<string> model)
    {
        try
        {
            Task<R> action;
            try
            {
                action = declare();
            }
            catch (Exception error) when (error is ClosureNotShippableException or ArgumentException or NotSupportedException)
            {
                return $"{char.ToLowerInvariant(role)}";
            }

            var found = said(await action);
            return found == model() ? $"{role}" : $"{role}!{found} for {model()}";
        }
        catch (ClosureNotShippableException)
        {
            return $"{char.ToLowerInvariant(role)}"; // by the action, before there is a job
        }
        catch (JobFailedException error) when ((typeof(T).IsInterface || typeof(T).IsAbstract) && IsRefusal(error.InnerException))
        {
            return $"{char.ToLowerInvariant(role)}";
        }
        catch (Exception error)
        {
            return $"{role}!{(error.InnerException ?? error).GetType().Name}: {(error.InnerException ?? error).Message}";
        }
    }

    private static bool IsRefusal(Exception? error) => error is not null
        && (error.Message.Contains("cannot be encoded", StringComparison.Ordinal) || error.Message.Contains("Keys compare by value", StringComparison.Ordinal));
}

/// <summary>
/// A value of any type as text that shows all that is in it and is the same in each process. The two zeros are one, since as keys they are
/// equal, and which of them stands for a group is nobody's promise.
/// </summary>
internal static class OddText
{
    public static string OfBag<T>(IEnumerable<T> items) => $"[{string.Join(", ", items.Select(static item => Of(item)).Order(StringComparer.Ordinal))}]";

    public static string Of<T>(T value) => value switch
    {
        null => "null",
        string text => text,
        double number => (number + 0.0).ToString("R", CultureInfo.InvariantCulture),
        float number => (number + 0f).ToString("R", CultureInfo.InvariantCulture),
        DateTime time => $"{time.Ticks} {time.Kind}",
        DateTimeOffset time => $"{time.Ticks} {time.Offset.Ticks}",
        TimeZoneInfo zone => zone.Id,
        Encoding encoding => encoding.WebName,
        ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i])))})",
        Delegate function => Of(function.DynamicInvoke(Enumerable.Repeat<object>(3, function.Method.GetParameters().Count(static p => p.ParameterType == typeof(int))).ToArray())),
        JsonDocument document => document.RootElement.GetRawText(),
        JsonElement { ValueKind: JsonValueKind.Undefined } => "undefined",
        JsonElement element => element.GetRawText(),
        JsonNode node => node.ToJsonString(),
        Expression expression => expression.ToString(),
        Memory<int> memory => Of(memory.ToArray()),
        ReadOnlyMemory<int> memory => Of(memory.ToArray()),
        ReadOnlyMemory<char> memory => memory.ToString(),
        ReadOnlySequence<byte> bytes => Of(bytes.ToArray()),
        Task<int> task => Of(task.Result),
        Lazy<int> lazy => Of(lazy.Value),
        WeakReference<string> weak => weak.TryGetTarget(out var text) ? text : "gone",
        Exception error => $"{error.GetType().Name}: {error.Message}",
        IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Of(key)}: {Of(map[key])}").Order(StringComparer.Ordinal))}}}",
        IEnumerable items when IsUnordered(items.GetType()) => $"{{{string.Join(", ", items.Cast<object?>().Select(Of).Order(StringComparer.Ordinal))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    private static bool IsUnordered(Type type) => type.Name.Contains("Set", StringComparison.Ordinal) || type.Name.Contains("Bag", StringComparison.Ordinal) || type.Name.Contains("Dictionary", StringComparison.Ordinal);
}
