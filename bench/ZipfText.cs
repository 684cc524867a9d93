using System.Text;

namespace MicroSpark.Bench;

/// <summary>
/// Text whose words are distributed as in natural language: the n-th most frequent one occurs about 1/n as often as the first. The
/// same size gives the same text.
/// </summary>
internal static class ZipfText
{
    private const int Vocabulary = 100_000;
    private const int WordsPerLine = 12;

    /// <summary>Writes lines of words, separated by one blank, until the file has the size asked for.</summary>
    public static void Write(string path, long bytes)
    {
        var random = new Random(20_240_601);
        byte[][] words = [.. Enumerable.Range(0, Vocabulary).Select(rank => Encoding.ASCII.GetBytes(Word(rank)))];
        var cumulative = new double[Vocabulary];
        double total = 0;
        for (var rank = 0; rank < Vocabulary; rank++)
        {
            cumulative[rank] = total += 1.0 / (rank + 1);
        }

        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        for (long written = 0; written < bytes;)
        {
            for (var i = 0; i < WordsPerLine; i++)
            {
                var rank = Array.BinarySearch(cumulative, random.NextDouble() * total);
                var word = words[Math.Min(rank < 0 ? ~rank : rank, Vocabulary - 1)];
                file.Write(word);
                file.WriteByte((byte)(i == WordsPerLine - 1 ? '\n' : ' '));
                written += word.Length + 1;
            }
        }
    }

    // Short words are the frequent ones, as in natural language; no two ranks have the same word.
    private static string Word(int rank)
    {
        var letters = new StringBuilder();
        for (var rest = rank + 26; rest > 0; rest /= 26)
        {
            letters.Append((char)('a' + rest % 26));
        }

        return letters.ToString();
    }
}
