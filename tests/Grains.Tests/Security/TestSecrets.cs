using System.Security.Cryptography;
using System.Text;
using MicroSpark.Grains.Security;

namespace MicroSpark.Tests.Security;

/// <summary>Secrets by name.</summary>
internal static class TestSecrets
{
    /// <summary>As a setting has it.</summary>
    public static string TextOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    public static ClusterSecret Of(string name) => ClusterSecret.Of(TextOf(name));

    /// <summary>A worker's, which knows others by their names.</summary>
    public static ClusterSecret Of(string own, params (string Name, Rights Rights)[] others) => ClusterSecret.Of(
        TextOf(own), [.. others.Select(static other => new NamedSecret(new Principal(other.Name, other.Rights), Of(other.Name)))]);
}
