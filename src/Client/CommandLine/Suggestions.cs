using System.CommandLine;

namespace MicroSpark.Client.CommandLine;

/// <summary>Names the known option that is nearest to one that is not known.</summary>
internal static class Suggestions
{
    private const int Farthest = 3;

    /// <summary>
    /// The parser takes an unknown option for one more value of an argument; a file called <c>--tpo</c> is far less likely than a slip.
    /// </summary>
    public static void RefuseOptions(Argument argument, Command command) =>
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-')))
            {
                var known = command.Options.Select(option => option.Name);
                var hint = Nearest(token.Value, known) is { } nearest ? $" Did you mean {nearest}?" : "";
                result.AddError($"Unknown option {token.Value}.{hint} (A file of that name: ./{token.Value})");
            }
        });

    /// <summary>Null when none is near: half of its letters, or more than three, would have to change.</summary>
    public static string? Nearest(string given, IEnumerable<string> known) =>
        known.Select(name => (Name: name, Distance: Distance(given.Split('=')[0], name)))
            .Where(candidate => candidate.Distance <= Math.Min(Farthest, candidate.Name.Length / 2))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();

    /// <summary>How many letters must be put in, taken out, replaced or, of two neighbours, exchanged (optimal string alignment).</summary>
    private static int Distance(string from, string to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                table[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    table[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1),
                    Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
                }
            }
        }

        return table[from.Length, to.Length];
    }
}
