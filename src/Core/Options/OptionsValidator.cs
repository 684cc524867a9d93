using System.Globalization;
using System.Net;

namespace MicroSpark.Options;

/// <summary>Checks every setting against its bound before a process acts on it.</summary>
internal static class OptionsValidator
{
    public const long SmallestMemoryBudget = 16L << 20;
    public const long SmallestMaxResultSize = 1L << 20;
    public const long SmallestMaxLineSize = 1L << 20;
    public const long SmallestHistory = 1L << 20;
    public const long SmallestQuota = 1L << 20;

    /// <summary>What timers can wait for.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    /// <summary>How long an event log may stay.</summary>
    public static readonly TimeSpan LongestAge = TimeSpan.FromDays(3653);

    /// <exception cref="InvalidSettingException">Names the first setting that is out of bounds, its value and the bound.</exception>
    public static void Validate(MicroSparkOptions options)
    {
        Text("ClusterId", options.ClusterId, 150);
        Text("Membership:Provider", options.Membership.Provider, 200);
        Range("Slots", options.Slots, 1, 1024);
        Range("DefaultParallelism", options.DefaultParallelism, 1, int.MaxValue);
        if (options.ApplicationName is { } name)
        {
            Text("ApplicationName", name, 200);
        }

        foreach (var (application, weight) in options.Scheduling.Weights)
        {
            Range($"Scheduling:Weights:{application}", weight, 1, 100);
        }

        if (!Enum.IsDefined(options.Scheduling.Mode))
        {
            throw new InvalidSettingException("Scheduling:Mode", options.Scheduling.Mode.ToString(), "Fair or Fifo");
        }

        Range("Retry:MaxTaskFailures", options.Retry.MaxTaskFailures, 1, 100);
        Range("Retry:MaxWorkerDeaths", options.Retry.MaxWorkerDeaths, 1, 100);
        Size("MemoryBudget", options.MemoryBudget, SmallestMemoryBudget);
        Size("MaxResultSize", options.MaxResultSize, SmallestMaxResultSize);
        Size("MaxLineSize", options.MaxLineSize, SmallestMaxLineSize);
        if (options.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            throw new InvalidSettingException("TimeZone", zone, "the IANA name of a time zone that this system knows, as Europe/Berlin");
        }

        if (!Enum.IsDefined(options.TaskLog.MinLevel))
        {
            throw new InvalidSettingException(
                "TaskLog:MinLevel", options.TaskLog.MinLevel.ToString(), "Trace, Debug, Information, Warning, Error, Critical or None");
        }

        Range("TaskLog:MaxLines", options.TaskLog.MaxLines, 0, 100_000);
        Range("TaskLog:MaxLineLength", options.TaskLog.MaxLineLength, 80, 100_000);
        History(options.History);
        Timeout("JobTimeout", options.JobTimeout);
        Timeout("NoWorkerTimeout", options.NoWorkerTimeout);
        Ports(options.Silo);
        if (!Enum.IsDefined(options.Isolation))
        {
            throw new InvalidSettingException("Isolation", options.Isolation.ToString(), "Process or Simulated");
        }

        if (options.Secret is { } secret && string.IsNullOrWhiteSpace(secret))
        {
            throw new InvalidSettingException("Secret", "(blank)", "a secret of at least one visible character, or none to use SecretFile");
        }

        Secrets(options.Secrets);
        if (options.Tls.Certificate is not null && options.Tls.Authority is null)
        {
            throw new InvalidSettingException("Tls:Authority", null, "the authority's certificate in PEM, since Tls:Certificate is set");
        }

        if (options.AllowPlainHost && options.Tls.Authority is not null)
        {
            throw new InvalidSettingException("AllowPlainHost", "true", "false, since Tls:Authority is set and a plain host has no TLS");
        }

        if (options.Tls.RequireClientCertificate && options.Tls.Certificate is null)
        {
            throw new InvalidSettingException("Tls:Certificate", null, "a certificate, since Tls:RequireClientCertificate is true");
        }

        if (!options.Membership.IsInMemory && string.IsNullOrWhiteSpace(options.Membership.ConnectionString))
        {
            throw new InvalidSettingException(
                "Membership:ConnectionString", "",
                $"the connection string of the membership database (Membership:Provider is {options.Membership.Provider})");
        }
    }

    /// <summary>Whether a job may be limited so.</summary>
    public static bool IsTimeout(TimeSpan timeout) => timeout > TimeSpan.Zero && timeout <= LongestTimeout;

    private static void Secrets(List<SecretOptions> secrets)
    {
        for (var i = 0; i < secrets.Count; i++)
        {
            var (setting, named) = ($"Secrets:{i}", secrets[i]);
            if (named.Name.Length is 0 or > 64
                || !named.Name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-'))
            {
                throw new InvalidSettingException($"{setting}:Name", named.Name, "a name of 1 to 64 of A-Z a-z 0-9 . _ @ -");
            }

            if (secrets.FindIndex(other => other.Name == named.Name) < i)
            {
                throw new InvalidSettingException($"{setting}:Name", named.Name, "a name that no other of the Secrets has");
            }

            if (!Enum.IsDefined(named.Role))
            {
                throw new InvalidSettingException($"{setting}:Role", named.Role.ToString(), "Read, Submit, Admin or Worker");
            }

            if (string.IsNullOrWhiteSpace(named.File))
            {
                throw new InvalidSettingException(
                    $"{setting}:File", named.File, "a file with the secret, as \"microspark secret\" prints it");
            }

            if (named is { Upload: true, Role: PrincipalRole.Read })
            {
                throw new InvalidSettingException($"{setting}:Upload", "true", "false, since its role is Read");
            }

            Range($"{setting}:Weight", named.Weight, 1, 100);
            Range($"{setting}:MaxJobs", named.MaxJobs, 1, 1_000_000);
            Size($"{setting}:MaxUploads", named.MaxUploads, SmallestQuota);
            Size($"{setting}:MaxMemory", named.MaxMemory, SmallestMemoryBudget);
            Size($"{setting}:MaxSpill", named.MaxSpill, SmallestQuota);
            if (named.Role == PrincipalRole.Worker)
            {
                Unlimited(setting, named);
            }
        }
    }

    /// <summary>Who has a worker's secret has no name of its own at the others.</summary>
    private static void Unlimited(string setting, SecretOptions named)
    {
        (string Name, string? Value, string None)[] limits =
        [
            ("Weight", named.Weight > 1 ? Show(named.Weight) : null, "1"),
            ("MaxJobs", named.MaxJobs is { } jobs ? Show(jobs) : null, "none"),
            ("MaxUploads", named.MaxUploads, "none"),
            ("MaxMemory", named.MaxMemory, "none"),
            ("MaxSpill", named.MaxSpill, "none"),
        ];
        foreach (var (name, value, none) in limits)
        {
            if (value is not null)
            {
                throw new InvalidSettingException(
                    $"{setting}:{name}", value, $"{none}, since its role is Worker: its jobs are those of the cluster's own secret");
            }
        }
    }

    private static void Ports(SiloOptions silo)
    {
        // 0.0.0.0 listens everywhere but names no place that others could connect to.
        if (!IPAddress.TryParse(silo.Address, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            throw new InvalidSettingException(
                "Silo:Address", silo.Address, "the IP address that other silos and clients reach this host at, such as 127.0.0.1");
        }

        Range("Silo:Port", silo.Port, 0, ushort.MaxValue);
        Range("Silo:GatewayPort", silo.GatewayPort, 0, ushort.MaxValue);
        Range("Silo:DataPort", silo.DataPort, 0, ushort.MaxValue);
        Range("Silo:UiPort", silo.UiPort, 0, ushort.MaxValue);
        (string Name, int Port)[] given =
        [
            ("Silo:Port", silo.Port), ("Silo:GatewayPort", silo.GatewayPort), ("Silo:DataPort", silo.DataPort),
            ("Silo:UiPort", silo.UiPort ?? 0),
        ];
        for (var i = 1; i < given.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (given[i].Port != 0 && given[i].Port == given[j].Port)
                {
                    throw new InvalidSettingException(
                        given[i].Name, Show(given[i].Port), $"a port that {given[j].Name} does not use already, or 0 for a free one");
                }
            }
        }
    }

    private static void History(HistoryOptions history)
    {
        if (history.Directory is { } folder && string.IsNullOrWhiteSpace(folder))
        {
            throw new InvalidSettingException("History:Directory", "(blank)", "a folder, or none for no logs");
        }

        Size("History:MaxSize", history.MaxSize, SmallestHistory);
        if (history.MaxAge < TimeSpan.FromMinutes(1) || history.MaxAge > LongestAge)
        {
            throw new InvalidSettingException(
                "History:MaxAge", history.MaxAge.ToString("g", CultureInfo.InvariantCulture), "one minute to ten years, as 7.00:00:00");
        }
    }

    private static void Text(string setting, string? value, int longest)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > longest)
        {
            throw new InvalidSettingException(setting, value, $"a name of 1 to {longest} characters");
        }
    }

    private static void Range(string setting, int? value, int least, int most)
    {
        if (value is { } given && (given < least || given > most))
        {
            throw new InvalidSettingException(setting, Show(given), $"a whole number from {least} to {most}");
        }
    }

    private static void Timeout(string setting, TimeSpan? value)
    {
        if (value is { } timeout && !IsTimeout(timeout))
        {
            throw new InvalidSettingException(
                setting, timeout.ToString("g", CultureInfo.InvariantCulture), "a time above zero, up to 24 days, as 00:05:00");
        }
    }

    private static void Size(string setting, string? value, long least)
    {
        if (value is not null && (!ByteSize.TryParse(value, out var bytes) || bytes < least))
        {
            throw new InvalidSettingException(setting, value, $"a size such as 512MB (units B, KB, MB, GB), at least {least >> 20}MB");
        }
    }

    private static string Show(int value) => value.ToString(CultureInfo.InvariantCulture);
}
