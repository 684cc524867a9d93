using MicroSpark;
using Orleans.Configuration;
using Orleans.Hosting;

// A worker in a host of your own, with its logging, configuration and services. The tool's "microspark worker" is one without any.
// Programs connect with the same Membership (provider, connection string), ClusterId and Secret.
var builder = Host.CreateApplicationBuilder(args);
builder.UseOrleans(silo =>
{
    silo.UseAdoNetClustering(ado =>
    {
        ado.Invariant = builder.Configuration["Cluster:Invariant"] ?? "System.Data.SQLite";
        ado.ConnectionString = builder.Configuration["Cluster:ConnectionString"];
    });
    silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (
        builder.Configuration["MicroSpark:ClusterId"] ?? "microspark", "MicroSpark"));
    silo.ConfigureEndpoints(
        builder.Configuration.GetValue("Cluster:SiloPort", 11111), builder.Configuration.GetValue("Cluster:GatewayPort", 30000));
    silo.AddMicroSpark();
    silo.UseMicroSparkConnectionSecurity();
});
builder.Build().Run();
