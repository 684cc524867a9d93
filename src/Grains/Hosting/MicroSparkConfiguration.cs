using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Options;
using Microsoft.Extensions.Configuration;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// Reads <see cref="MicroSparkOptions"/>: appsettings.json, then environment variables (<c>MICROSPARK__SILO__PORT</c>), then command-line
/// flags (<c>--MicroSpark:Silo:Port=7000</c>), then code. The later one wins.
/// </summary>
internal static class MicroSparkConfiguration
{
    public const string Section = "MicroSpark";
    private const string FileName = "appsettings.json";

    /// <param name="basePath">The folder of appsettings.json; the working directory, else the program's own folder, when null. In the
    /// working directory only a file of this user or root counts.</param>
    /// <exception cref="InvalidSettingException">A value is not of its type, not known, or out of its bound.</exception>
    public static MicroSparkOptions Load(
        string? basePath = null, Action<MicroSparkOptions>? configure = null, IReadOnlyList<string>? arguments = null) =>
        Read(Configuration(basePath, arguments), configure);

    /// <summary>The same with code that is awaited.</summary>
    /// <inheritdoc cref="Load" path="/exception" />
    public static async Task<MicroSparkOptions> LoadAsync(Func<MicroSparkOptions, Task> configure)
    {
        var options = Bind(Configuration(null, null));
        await configure(options).ConfigureAwait(false);
        return Checked(options);
    }

    /// <summary>Keeps a secret off the command line, which every user of the host can read while the process runs.</summary>
    /// <param name="key">A setting's, with its section or without.</param>
    /// <exception cref="InvalidSettingException">It is the secret's.</exception>
    public static void RefuseSecret(string key)
    {
        if (SecretAsArgument(key) is { } problem)
        {
            throw new InvalidSettingException("Secret", SecretText.Hidden, problem);
        }
    }

    /// <summary>What is expected instead; null when the key is not the secret's.</summary>
    public static string? SecretAsArgument(string key) =>
        key.TrimStart('-').Split(':', '_')[^1].Trim().Equals("Secret", StringComparison.OrdinalIgnoreCase)
            ? "no argument, since every user of this host can read those. Put it in a file that only you can read and set SecretFile, or "
                + "in the environment variable MICROSPARK__SECRET, or write it to standard input with "
                + $"SecretFile={SecretFile.StandardInput}"
            : null;

    /// <summary>Reads the section <c>MicroSpark</c> of a host's own configuration.</summary>
    public static MicroSparkOptions Read(IConfiguration configuration, Action<MicroSparkOptions>? configure)
    {
        var options = Bind(configuration);
        configure?.Invoke(options);
        return Checked(options);
    }

    private static IConfiguration Configuration(string? basePath, IReadOnlyList<string>? arguments)
    {
        var folder = basePath ?? (IsOfThisUser(Path.GetFullPath(FileName), Console.Error) ? "." : AppContext.BaseDirectory);
        var file = Path.Combine(Path.GetFullPath(folder), FileName);
        try
        {
            // Read once, not watched: settings are fixed for the life of a process.
            var found = new ConfigurationBuilder().AddJsonFile(file, optional: true, reloadOnChange: false).Build();
            EnsurePrivate(file, found.GetSection(Section), Console.Error);
            return new ConfigurationBuilder()
                .AddConfiguration(found)
                .AddEnvironmentVariables()
                .AddCommandLine([.. arguments ?? []])
                .Build();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new InvalidSettingException(
                "*", file, $"a JSON file with a section \"{Section}\" ({(e.InnerException ?? e).Message})", e);
        }
    }

    /// <summary>
    /// Whether there is a file of settings in the working directory that counts. It names the cluster that this process joins and whose
    /// code it runs, and the working directory may be anybody's. So one that belongs neither to this user nor to root is left out, with a
    /// warning. Links are followed, as a mounted file is one.
    /// </summary>
    /// <exception cref="InvalidSettingException">Everybody can write it.</exception>
    internal static bool IsOfThisUser(string file, TextWriter warnings)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        var real = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        if (FileOwner.Of(real) is not { } found)
        {
            return true;
        }

        if (!found.IsTrusted || FileOwner.Of(file) is { IsTrusted: false })
        {
            warnings.WriteLine(
                $"{file} is not read: it belongs to another user. Start from a directory of your own, or take the file over with chown.");
            return false;
        }

        if (found.AllCanWrite)
        {
            throw new InvalidSettingException("*", file, $"a file that others cannot change; run: chmod o-w \"{real}\"");
        }

        if (found.GroupCanWrite)
        {
            warnings.WriteLine($"{file} can be changed by its group, and so the cluster that this process joins: chmod g-w \"{real}\"");
        }

        return true;
    }

    /// <summary>
    /// A secret in a file of settings is kept as one in a file of its own. A password there opens the membership database and no more, and
    /// such files are there to be read by programs: that is told.
    /// </summary>
    /// <param name="section">What the file says, and nothing else.</param>
    /// <exception cref="InvalidSettingException">It holds the secret, and others can read or change it.</exception>
    internal static void EnsurePrivate(string file, IConfiguration section, TextWriter warnings)
    {
        if (!string.IsNullOrWhiteSpace(section["Secret"]))
        {
            try
            {
                if (PrivateFile.Check(file, "Secret") is { } warning)
                {
                    warnings.WriteLine(warning);
                }
            }
            catch (InvalidSettingException e)
            {
                throw new InvalidSettingException(
                    "Secret", SecretText.Hidden,
                    $"a file of settings that only its owner can read, since the secret stands in it; run: chmod 600 \"{file}\", or take "
                    + $"it out and set SecretFile ({e.Message})", e);
            }
        }
        else if (HasPassword(section["Membership:ConnectionString"]) && !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(file) & UnixFileMode.OtherRead) != 0)
        {
            warnings.WriteLine($"{file} can be read by all users of this host, and has the password of the membership database: "
                + $"chmod o-r \"{file}\"");
        }
    }

    private static bool HasPassword(string? connection) =>
        connection is not null && (connection.Contains("password", StringComparison.OrdinalIgnoreCase)
            || connection.Contains("pwd", StringComparison.OrdinalIgnoreCase));

    private static MicroSparkOptions Bind(IConfiguration configuration)
    {
        var options = new MicroSparkOptions();
        try
        {
            configuration.GetSection(Section).Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            throw SettingErrors.Explain(configuration.GetSection(Section), e);
        }

        return options;
    }

    private static MicroSparkOptions Checked(MicroSparkOptions options)
    {
        if (!options.Membership.IsInMemory)
        {
            // Before its connection string is missed.
            MembershipProvider.RequireKnown(options.Membership);
        }

        OptionsValidator.Validate(options);
        return options;
    }
}
