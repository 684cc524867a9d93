using System.Data.Common;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace MicroSpark.AspireHosting;

/// <summary>
/// Where workers and programs of one cluster meet: a database, a secret and a name. By default these are files in a folder of the app host
/// that only its user can enter, and a name of this run: what another run has left in the database, or a test that runs beside it, is not
/// of this cluster.
/// </summary>
internal sealed class ClusterPlace(string folder, string run)
{
    public const string Sqlite = "Sqlite";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Settings that all must agree on. Others are of workers alone.</summary>
    private static readonly string[] s_shared = ["ClusterId", "SecretFile", "Tls:Authority"];

    public string Folder => folder;

    /// <summary>Null for the file.</summary>
    public (string Provider, IResourceWithConnectionString Database)? Membership { get; set; }

    /// <summary>Null for the file, which the process makes that needs it first.</summary>
    public ParameterResource? Secret { get; set; }

    public string SecretFile => Path.Combine(folder, "secret");

    /// <summary>The variable that stands for a setting. In capitals, so that it replaces one that a user has exported.</summary>
    public static string VariableOf(string setting) =>
        $"MICROSPARK__{setting.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()}";

    /// <summary>What a process needs to be in the cluster, or to connect to it.</summary>
    /// <exception cref="DistributedApplicationException">It is to run elsewhere, where the files are not.</exception>
    public void WriteTo(EnvironmentCallbackContext context, MicroSparkResource spark, bool isWorker)
    {
        if (context.ExecutionContext.IsPublishMode && (Membership is null || Secret is null))
        {
            throw new DistributedApplicationException(
                $"The cluster '{spark.Name}' meets in files of this machine, which are not where it is published to. Call "
                + "WithMembership(database) and WithSecret(parameter) on it.");
        }

        Set("ClusterId", context.ExecutionContext.IsPublishMode ? spark.Name : $"{spark.Name}-{run}");
        Set("Membership:Provider", Membership?.Provider ?? Sqlite);
        Set("Membership:ConnectionString", Membership?.Database.ConnectionStringExpression ?? (object)FileConnection());
        if (Secret is null)
        {
            Set("SecretFile", SecretFile);
        }
        else
        {
            Set("Secret", Secret);
        }

        foreach (var (name, value) in spark.Settings)
        {
            if (isWorker || s_shared.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                Set(name, value);
            }
        }

        void Set(string setting, object value) => context.EnvironmentVariables[VariableOf(setting)] = value;
    }

    private string FileConnection()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            // One that was there keeps its mode: whoever can enter it could put another database there.
            Directory.CreateDirectory(folder, OwnerOnly);
            File.SetUnixFileMode(folder, OwnerOnly);
        }

        return new DbConnectionStringBuilder { ["Data Source"] = Path.Combine(folder, "cluster.db") }.ConnectionString;
    }
}
