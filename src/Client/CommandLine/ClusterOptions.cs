using System.CommandLine;
using MicroSpark.Grains.Hosting;

namespace MicroSpark.Client.CommandLine;

/// <summary>The options that every command with a cluster has.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<int?> _local = new("--local") { Description = "Run on N workers inside this process.", HelpName = "N" };
    private readonly Option<bool> _cluster = new("--cluster")
    { Description = "Run on the cluster of appsettings.json or MICROSPARK__* variables." };
    private readonly Option<bool> _ui = new("--ui") { Description = "Print a link to the page about the cluster." };
    private readonly bool _clusterIsDefault;

    private readonly Option<string[]> _set = NewSet();

    public ClusterOptions(Command command, bool clusterIsDefault = false)
    {
        _clusterIsDefault = clusterIsDefault;
        command.Options.Add(_local);
        command.Options.Add(_cluster);
        command.Options.Add(_set);
        if (!clusterIsDefault)
        {
            command.Options.Add(_ui);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_local) is { Implicit: false } && result.GetResult(_cluster) is { Implicit: false })
            {
                result.AddError("--local and --cluster exclude each other: give one of them.");
            }
        });
        _local.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var workers) || workers is < 1 or > 64))
            {
                result.AddError($"--local takes the number of workers, 1 to 64, not '{text}'.");
            }
        });
    }

    /// <summary>Settings on the command line.</summary>
    public static Option<string[]> NewSet()
    {
        var set = new Option<string[]>("--set")
        {
            Description = "A setting, such as Membership:Provider=Sqlite. May be repeated.",
            HelpName = "KEY=VALUE",
            DefaultValueFactory = _ => [],
        };
        set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.IndexOf('=') <= 0)
                {
                    // It may be a secret whose equals sign is missing.
                    var known = token.Value.All(char.IsAsciiLetter) && token.Value.Length <= 20;
                    result.AddError($"--set takes KEY=VALUE, such as Slots=2{(known ? $", not '{token.Value}'" : "")}.");
                }
                else if (MicroSparkConfiguration.SecretAsArgument(token.Value.Split('=', 2)[0]) is { } problem)
                {
                    result.AddError($"--set Secret=... is refused. Expected {problem}.");
                }
            }
        });
        return set;
    }

    public ClusterChoice Read(ParseResult parsed)
    {
        var local = parsed.GetValue(_local);
        var cluster = parsed.GetValue(_cluster);
        var settings = parsed.GetValue(_set)!.Select(text => text.Split('=', 2)).Select(
            parts => KeyValuePair.Create(parts[0].Trim(), parts[1]));
        int? workers = cluster || (_clusterIsDefault && local is null) ? null : local ?? 1;
        var ui = !_clusterIsDefault && parsed.GetValue(_ui);
        return new ClusterChoice(workers, cluster || local is not null, [.. settings]) { Ui = ui };
    }
}
