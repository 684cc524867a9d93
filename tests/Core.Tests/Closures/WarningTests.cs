using MicroSpark.Closures;

namespace MicroSpark.Tests.Closures;

/// <summary>What works as written and yet not as meant is said once, where the operator is declared.</summary>
public class WarningTests
{
    private int _count;

    [Fact]
    public void Captured_variables_that_are_assigned_to_are_named_once()
    {
        var total = 0;
        var last = "";
        var best = 0;
        Func<int, int> function = x =>
        {
            total += x;
            last = $"{x}";
            Interlocked.Increment(ref best);
            return x;
        };
        Assert.Equal("'best', 'last', 'total'", Named(function));
        Assert.Null(Named(function));
        Assert.Equal("'this._count'", Named(x => _count += x));
        Assert.Equal("'total'", Named(x => int.TryParse("1", out total) ? total : x));
        Assert.Equal("'total'", Named(x =>
        {
            Add(x);
            return x;
        }));
        Assert.Equal("'best'", Named(x => Enumerable.Range(0, x).Sum(i => best = Math.Max(best, i))));
        Assert.Equal((0, "", 0), (total, last, best));

        void Add(int x) => total += x;
    }

    [Fact]
    public void What_belongs_to_the_lambda_is_not_named()
    {
        var factor = 3;
        var names = new List<string>();
        var pair = (Left: 1, Right: "a");
        var time = DateTime.UnixEpoch;
        Func<int, int>[] quiet =
        [
            x => x * factor,
            x => { var sum = 0; foreach (var i in Enumerable.Range(0, x)) { sum += i * factor; } return sum; },
            x => { var sum = 0; Enumerable.Range(0, x).ToList().ForEach(i => sum += i * factor); return sum; },
            x => { names.Add("x"); return x; },
            x => pair.ToString().Length + pair.Left + time.Day + x,
            x => Yielded(x).Sum(),
            x => Cached(s => s.Length, x),
        ];
        Assert.All(quiet, function => Assert.Null(Named(function)));

        IEnumerable<int> Yielded(int x)
        {
            for (var i = 0; i < x; i++)
            {
                yield return i * factor;
            }
        }
    }

    private static int Cached(Func<string, int> length, int x) => length("ab") + x;

    /// <summary>What the warning names; null when there is none.</summary>
    private static string? Named(Func<int, int> function)
    {
        var heard = new List<string>();
        ClosureWarnings.Raised += OnRaised;
        try
        {
            _ = Closure<Func<int, int>>.Capture(function, "Map", "f");
        }
        finally
        {
            ClosureWarnings.Raised -= OnRaised;
        }

        return heard.SingleOrDefault() is { } message ? message[(message.IndexOf("assigns to ", StringComparison.Ordinal) + 11)..message.IndexOf(". Each task", StringComparison.Ordinal)] : null;

        void OnRaised(ClosureWarning warning)
        {
            if (warning.Message.Contains("assigns to", StringComparison.Ordinal) && warning.Lambda.Contains(nameof(WarningTests), StringComparison.Ordinal))
            {
                heard.Add(warning.Message);
            }
        }
    }
}
