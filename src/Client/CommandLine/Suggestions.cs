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

    public static string? Nearest(string given, IEnumerable<string> known) =>
        known.Select(name => (Name: name, Distance: Distance(given.Split('=')[0], name)))
            .Where(candidate => candidate.Distance <= Farthest)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();

    /// <summary>How many letters must be put in, taken out or replaced (Levenshtein); one row of the table at a time.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var replaced = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(diagonal, row[j]) + 1);
            }
        }

        return row[^1];
    }
}
