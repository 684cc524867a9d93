using System.Globalization;
using System.Text;

namespace MicroSpark.Client.Output;

/// <summary>Counted words as two columns. Rows stream: the first holds the largest count, so it fixes the width.</summary>
internal static class ResultTable
{
    private const int LongestWord = 100;

    public static async Task<long> WriteAsync(TextWriter output, IAsyncEnumerable<(string Word, long Count)> rows)
    {
        var (width, written) = (0, 0L);
        await foreach (var (word, count) in rows)
        {
            var number = count.ToString("N0", CultureInfo.InvariantCulture);
            if (width == 0)
            {
                width = Math.Max(number.Length, "count".Length);
                output.WriteLine($"{"count".PadLeft(width)}  word");
            }

            output.WriteLine($"{number.PadLeft(width)}  {Printable(word)}");
            written++;
        }

        return written;
    }

    /// <summary>A word of the input may hold anything; a screen must not obey it, nor scroll for a minute.</summary>
    private static string Printable(string word)
    {
        if (word.Length <= LongestWord && !word.Any(char.IsControl))
        {
            return word;
        }

        var text = new StringBuilder();
        foreach (var character in word.AsSpan(0, Math.Min(word.Length, LongestWord)))
        {
            text.Append(char.IsControl(character) ? '\uFFFD' : character);
        }

        return word.Length <= LongestWord
            ? text.ToString()
            : text.Append(CultureInfo.InvariantCulture, $"… ({word.Length:N0} characters)").ToString();
    }
}
