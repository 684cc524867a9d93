using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Grains.Figures;

/// <summary>
/// How a stage is called, wherever it is shown: by the operators that run in its tasks, and the line of the last one that has a lambda of
/// the user's. The operator whose shuffle it writes runs mostly in the stage after it: it is what the stage feeds, and no part of its name.
/// </summary>
internal readonly record struct StageNames(string Name, string? Feeds, string? Line)
{
    /// <summary>Operators that are named; a chain may have thousands.</summary>
    private const int Most = 6;

    public static StageNames Of(StageOutline stage)
    {
        var operators = stage.Operators.Length > 0 ? stage.Operators : [stage.Operator];
        var feeds = stage.Kind == OutputKind.Shuffle && operators.Length > 1;
        var own = feeds ? operators[..^1] : operators;
        var named = string.Join(" → ", own.Length <= Most ? own : [own[0], "…", .. own[^(Most - 2)..]]);
        return new StageNames(named, feeds ? operators[^1] : null, LineOf(stage, own.Length));
    }

    /// <summary>Logs of earlier versions have the lines, and not whose they are: the last one is most often it.</summary>
    private static string? LineOf(StageOutline stage, int own)
    {
        if (stage.Lines is not { } lines || lines.Length != stage.Operators.Length)
        {
            return stage.Sources.LastOrDefault();
        }

        return lines[..own].LastOrDefault(static line => line.Length > 0) ?? lines[own..].FirstOrDefault(static line => line.Length > 0);
    }
}
