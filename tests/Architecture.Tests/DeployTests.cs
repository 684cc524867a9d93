using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace MicroSpark.Tests;

/// <summary>The files of deploy/ say what is there: no container engine runs them here.</summary>
public sealed partial class DeployTests
{
    private static readonly string[] s_files = ["deploy/Dockerfile", "deploy/compose.yaml", "deploy/kubernetes.yaml", "deploy/microspark-worker.service"];

    [Fact]
    public void Each_setting_that_they_name_is_one()
    {
        var named = s_files.Append("docs/deploy.md").SelectMany(file => Setting().Matches(SourceTree.Read(file))).Select(match => match.Value).Distinct().ToArray();

        Assert.Contains("MICROSPARK__SILO__ADDRESS", named);
        Assert.All(named, name => Assert.True(IsSetting(name), $"{name} is no setting of MicroSparkOptions."));
    }

    [Fact]
    public void The_images_are_made_of_what_is_in_the_repository_and_run_as_nobody_in_particular()
    {
        string[] lines = [.. SourceTree.Read("deploy/Dockerfile").Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]);
        var built = lines.Where(line => line.StartsWith("RUN dotnet publish ", StringComparison.Ordinal)).Select(line => line.Split(' ')[3]).ToArray();
        var stages = string.Join('\n', lines).Split("FROM ")[1..];

        Assert.All(copied, path => Assert.True(Path.Exists(SourceTree.Absolute(path)), $"The Dockerfile copies {path}, which is not there."));
        Assert.Equal(["src/Silo", "src/Client"], built);
        foreach (var stage in stages[1..])
        {
            Assert.Contains("chiseled", stage.Split('\n')[0], StringComparison.Ordinal);
            Assert.Contains("USER $APP_UID", stage, StringComparison.Ordinal);
            var program = Regex.Match(stage, """ENTRYPOINT \["dotnet", "(.+)\.dll"\]""").Groups[1].Value;
            Assert.Contains(built, project => SourceTree.Read($"{project}/{Path.GetFileName(project)}.csproj").Contains($"<AssemblyName>{program}<", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Compose_has_three_workers_with_addresses_of_their_own()
    {
        var root = Assert.Single(Yaml("deploy/compose.yaml"));
        var services = Map(root, "services");
        string[] workers = [.. services.Children.Keys.Select(key => key.ToString()).Where(name => name.StartsWith("worker", StringComparison.Ordinal))];
        string[] addresses = [.. workers.Select(name => Map(services, name, "networks", "cluster").Children["ipv4_address"].ToString())];
        var targets = SourceTree.Read("deploy/Dockerfile");

        Assert.Equal(3, addresses.Distinct().Count());
        Assert.Equal(addresses, workers.Select(name => Map(services, name, "environment").Children["MICROSPARK__SILO__ADDRESS"].ToString()));
        Assert.Equal("deploy/Dockerfile", Map(root, "x-worker", "build").Children["dockerfile"].ToString());
        foreach (var build in new[] { Map(root, "x-worker", "build"), Map(services, "console", "build") })
        {
            Assert.Contains($" AS {build.Children["target"]}\n", targets, StringComparison.Ordinal);
        }
    }

    /// <summary>Prometheus makes names of its own: dots are underscores, then comes the unit, then what kind it is.</summary>
    [Fact]
    public void The_dashboard_shows_what_workers_measure()
    {
        var instruments = Instrument().Matches(SourceTree.Read("src/Grains/Events/WorkerMeter.cs")).Select(match =>
        {
            var unit = match.Groups["unit"].Value switch { "By" => "_bytes", "s" => "_seconds", _ => "" };
            var kind = match.Groups["kind"].Value switch { "CreateCounter" => "_total", "CreateHistogram" => "_bucket", _ => "" };
            return match.Groups["name"].Value.Replace('.', '_') + unit + kind;
        }).ToHashSet();
        using var dashboard = JsonDocument.Parse(SourceTree.Read("deploy/grafana-dashboard.json"));
        var shown = dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .SelectMany(target => Measured().Matches(target.GetProperty("expr").GetString()!)).Select(match => match.Groups[1].Value).ToArray();

        Assert.Contains("microspark_task_duration_seconds_bucket", shown);
        Assert.Equal(instruments.Order(), shown.Distinct().Order());
    }

    [Fact]
    public void Kubernetes_finds_its_pods_and_probes_ports_that_the_image_has()
    {
        var documents = Yaml("deploy/kubernetes.yaml");
        var deployment = documents.Single(document => document.Children["kind"].ToString() == "Deployment");
        var pod = Map(deployment, "spec", "template", "spec");
        var container = (YamlMappingNode)((YamlSequenceNode)pod.Children["containers"]).Single();
        var ports = ((YamlSequenceNode)container.Children["ports"]).Cast<YamlMappingNode>()
            .ToDictionary(port => port.Children["name"].ToString(), port => port.Children["containerPort"].ToString());
        var exposed = Regex.Match(SourceTree.Read("deploy/Dockerfile"), "^EXPOSE (.*)$", RegexOptions.Multiline).Groups[1].Value.Split(' ');

        Assert.All(documents, document => Assert.True(document.Children.ContainsKey("apiVersion") && Map(document, "metadata").Children.ContainsKey("name")));
        Assert.All(documents, document => Assert.Equal(Map(deployment, "spec", "template", "metadata", "labels"), Map(document, "spec", "selector", "matchLabels")));
        Assert.Equal(exposed, ports.Values);
        Assert.All(new[] { "startupProbe", "readinessProbe", "livenessProbe" }, probe =>
            Assert.Contains(Map(container, probe, "tcpSocket").Children["port"].ToString(), ports.Keys));
        Assert.Equal("true", Map(pod, "securityContext").Children["runAsNonRoot"].ToString());
        Assert.All(
            ((YamlSequenceNode)container.Children["volumeMounts"]).Cast<YamlMappingNode>().Select(mount => mount.Children["name"]),
            name => Assert.Contains(name, ((YamlSequenceNode)pod.Children["volumes"]).Cast<YamlMappingNode>().Select(volume => volume.Children["name"])));
    }

    [Fact]
    public void Three_systems_build_and_each_command_names_what_is_there()
    {
        var jobs = Map(Assert.Single(Yaml(".github/workflows/ci.yml")), "jobs");
        var systems = ((YamlSequenceNode)Map(jobs, "others", "strategy", "matrix").Children["os"]).Select(os => os.ToString())
            .Append(Map(jobs, "linux").Children["runs-on"].ToString());
        var commands = jobs.Children.Keys.SelectMany(job => ((YamlSequenceNode)Map(jobs, job.ToString()).Children["steps"]).Cast<YamlMappingNode>())
            .Where(step => step.Children.ContainsKey("run")).Select(step => step.Children["run"].ToString()).ToArray();

        Assert.Equal(["macos", "ubuntu", "windows"], systems.Select(system => system.Split('-')[0]).Order());
        Assert.Contains("dotnet build MicroSpark.sln -c Release", commands);
        var paths = commands.SelectMany(command => command.Split(' ')).Where(word => Regex.IsMatch(word, @"^(\./eng|tests|src)/|\.(sln|md)$")).ToArray();
        Assert.All(paths, path => Assert.True(Path.Exists(SourceTree.Absolute(path)), $"{path} is not there."));
        Assert.True(paths.Length >= 6);
    }

    [Fact]
    public void The_unit_has_its_sections_and_starts_a_worker()
    {
        string[] lines = [.. SourceTree.Read("deploy/microspark-worker.service").Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

        Assert.Equal(["[Unit]", "[Service]", "[Install]"], lines.Where(line => line[0] == '['));
        Assert.All(lines.Where(line => line[0] != '['), line => Assert.Matches("^[A-Z][A-Za-z]+=.+$", line));
        Assert.Contains("ExecStart=/opt/microspark/microspark worker", lines);
    }

    private static YamlMappingNode[] Yaml(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(SourceTree.Read(file)));
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    private static YamlMappingNode Map(YamlMappingNode node, params string[] path) =>
        path.Aggregate(node, (at, key) => (YamlMappingNode)at.Children[key]);

    private static bool IsSetting(string name)
    {
        var type = typeof(MicroSparkOptions);
        foreach (var part in name.Split("__")[1..])
        {
            var property = type.GetProperties().FirstOrDefault(one => one.Name.Equals(part, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                return false;
            }

            type = property.PropertyType;
        }

        return !type.Namespace!.StartsWith("MicroSpark", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?<kind>Create\w+|Gauge)(<\w+>)?\(""(?<name>microspark[^""]*)"", ""(?<unit>[^""]*)""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"(microspark_\w+)\{")]
    private static partial Regex Measured();

    [GeneratedRegex("MICROSPARK__[A-Z_]+[A-Z]")]
    private static partial Regex Setting();
}
