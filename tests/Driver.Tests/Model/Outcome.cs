using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MicroSpark.Tests.Model;

/// <summary>What came of an operation or of its model, as text: a value, or an exception's type.</summary>
internal static class Outcome
{
    public static async Task<string> OfAsync(Func<Task<string>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception e) when (e is JobFailedException { InnerException: not null } or InvalidOperationException or ArgumentException or OverflowException)
        {
            return Of(e);
        }
    }

    /// <summary>A value with all that is in it; the entries of a dictionary are sorted.</summary>
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => JsonSerializer.Serialize(text),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i])))})",
        IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Of(key)}: {Of(map[key])}").Order(StringComparer.Ordinal))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    /// <summary>Elements whose order is not promised.</summary>
    public static string OfBag<T>(IEnumerable<T> items) => $"[{string.Join(", ", items.Select(item => Of(item)).Order(StringComparer.Ordinal))}]";

    private static string Of(Exception e) => e switch
    {
        JobFailedException => $"a failed job with {e.InnerException!.GetType().Name}",
        _ when e.Message.Contains("empty", StringComparison.Ordinal) || e.Message.Contains("no elements", StringComparison.Ordinal) => $"{e.GetType().Name}: empty",
        _ => e.GetType().Name,
    };
}
